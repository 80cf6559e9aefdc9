// read FILE            its content                    list DIR        its names
// write FILE TEXT      into an existing file          stat PATH       lstat
// append FILE TEXT     into an existing file          statfs PATH     type and flags
// create FILE          a new one                      open FILE       read-only
// open-write FILE      write-only                     mkdir DIR
// unlink PATH          rmdir DIR                      chown PATH UID GID
// chmod PATH MODE      mknod PATH c|b|p MAJOR MINOR   symlink TARGET PATH
// link OLD NEW         mount SOURCE TARGET TYPE       umount PATH
// remount PATH FLAGS   mount flags as a number        bind SOURCE TARGET
// exec FILE            execve in a child              access PATH
// syscall NR [ARG...]  the bare system call           socket DOMAIN TYPE PROTOCOL
// kill PID SIGNAL      sethostname NAME               setuid UID
// fork COUNT           so many waiting children; how many there were
// fill BYTES           touches so much memory         spin MS         burns CPU time
// hold                 says "ready" and waits for the end of standard input
// await                says "ready" and waits for a signal; its number
// count-signals N      says "ready" and counts the realtime signal N until SIGTERM comes
// say TEXT             prints it at once              exit N          (in probe.cpp)
// getxattr PATH NAME   notify TEXT          a datagram to $NOTIFY_SOCKET
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tests/support/probe/probe.hpp"

namespace probe {
namespace {

Json open_and_close(const std::string& path, int flags) {
  int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
  Json result = outcome(fd);
  if (fd != -1) ::close(fd);
  return result;
}

Json read(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd == -1) return outcome(-1);
  std::string text;
  char buffer[8192];
  ssize_t n = 0;
  while ((n = ::read(fd, buffer, sizeof buffer)) > 0 && text.size() < (1 << 20))
    text.append(buffer, static_cast<size_t>(n));
  Json result = outcome(n);
  ::close(fd);
  result["text"] = text;
  return result;
}

Json write(const std::string& path, const std::string& text, int flags) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags);
  if (fd == -1) return outcome(-1);
  Json result = outcome(::write(fd, text.data(), text.size()));
  ::close(fd);
  return result;
}

Json list(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return outcome(-1);
  std::vector<std::string> names;
  while (dirent* entry = ::readdir(directory))
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      names.emplace_back(entry->d_name);
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return {{"ok", true}, {"names", names}};
}

Json statfs_of(const std::string& path) {
  struct statfs status {};
  if (::statfs(path.c_str(), &status) == -1) return outcome(-1);
  return {{"ok", true},
          {"type", status.f_type},
          {"flags", status.f_flags},
          {"blocks", status.f_blocks},
          {"block_size", status.f_bsize},
          {"files", status.f_files}};
}

Json mknod(const Words& a) {
  const char kind = a.at(2).at(0);
  const mode_t type = kind == 'c' ? S_IFCHR : kind == 'b' ? S_IFBLK : S_IFIFO;
  const dev_t device = kind == 'p' ? 0
                                   : ::makedev(static_cast<unsigned>(std::stoul(a.at(3))),
                                               static_cast<unsigned>(std::stoul(a.at(4))));
  return outcome(::mknod(a.at(1).c_str(), type | 0666, device));
}

// The child tells the errno of a failed execve through a pipe that closes if it succeeds.
Json exec(const Words& a) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) == -1) return outcome(-1);
  pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> argv;
    for (size_t i = 1; i < a.size(); ++i) argv.push_back(const_cast<char*>(a[i].c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    const int error = errno;
    if (::write(ends[1], &error, sizeof error) < 0) ::_exit(1);
    ::_exit(127);
  }
  if (pid == -1) return outcome(-1);
  ::close(ends[1]);
  int error = 0;
  const bool failed = ::read(ends[0], &error, sizeof error) == sizeof error;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (failed) {
    errno = error;
    return outcome(-1);
  }
  return {{"ok", true}, {"status", status}};
}

Json system_call(const Words& a) {
  long arguments[6] = {};
  for (size_t i = 2; i < a.size() && i < 8; ++i) arguments[i - 2] = std::stol(a[i], nullptr, 0);
  return outcome(::syscall(std::stol(a.at(1)), arguments[0], arguments[1], arguments[2],
                           arguments[3], arguments[4], arguments[5]));
}

Json fork_many(int count) {
  int hold[2];
  if (::pipe2(hold, O_CLOEXEC) == -1) return outcome(-1);
  std::vector<pid_t> children;
  Json result = {{"ok", true}};
  for (int i = 0; i < count; ++i) {
    pid_t pid = ::fork();
    if (pid == 0) {
      char byte;
      ::close(hold[1]);
      while (::read(hold[0], &byte, 1) == -1 && errno == EINTR) {
      }
      ::_exit(0);
    }
    if (pid == -1) {
      result = outcome(-1);
      break;
    }
    children.push_back(pid);
  }
  ::close(hold[1]);
  for (pid_t pid : children) ::waitpid(pid, nullptr, 0);
  result["count"] = children.size();
  return result;
}

Json fill(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return outcome(-1);
  for (size_t i = 0; i < bytes; i += 4096) static_cast<volatile char*>(memory)[i] = 1;
  ::munmap(memory, bytes);
  return outcome(0);
}

Json spin(long milliseconds) {
  timespec now{};
  do {
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  } while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < milliseconds);
  return outcome(0);
}

void say(const std::string& text) {
  if (::write(1, text.data(), text.size()) < 0) ::_exit(3);
}

Json hold() {
  say("ready\n");
  std::string input;
  char buffer[4096];
  for (ssize_t n; (n = ::read(0, buffer, sizeof buffer)) != 0;) {
    if (n == -1 && errno != EINTR) return outcome(-1);
    if (n > 0) input.append(buffer, static_cast<size_t>(n));
  }
  return {{"ok", true}, {"input", input}};
}

Json await() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigdelset(&all, SIGURG);  // a caller written in Go sends it for reasons of its own
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  say("ready\n");
  siginfo_t info{};
  int signal = 0;
  do {
    signal = ::sigwaitinfo(&all, &info);
  } while (signal == -1 && errno == EINTR);
  return outcome(signal);
}

// Realtime signals until SIGTERM comes: of these the kernel merges none with another.
Json count_signals(int counted) {
  sigset_t both;
  ::sigemptyset(&both);
  ::sigaddset(&both, counted);
  ::sigaddset(&both, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &both, nullptr);
  say("ready\n");
  long count = 0;
  bool last = false;
  for (const timespec at_once{};;) {
    const int signal =
        last ? ::sigtimedwait(&both, nullptr, &at_once) : ::sigwaitinfo(&both, nullptr);
    if (signal == counted) ++count;
    if (signal == SIGTERM) last = true;  // it overtakes those that wait
    if (signal == -1 && errno == EAGAIN) return outcome(count);
  }
}

Json getxattr_of(const std::string& path, const std::string& name) {
  char value[4096];
  ssize_t n = ::lgetxattr(path.c_str(), name.c_str(), value, sizeof value);
  Json result = outcome(n);
  if (n >= 0) result["value"] = std::string{value, static_cast<size_t>(n)};
  return result;
}

Json notify(const std::string& text) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path != nullptr) std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1) return outcome(-1);
  Json result = outcome(::sendto(fd, text.data(), text.size(), 0,
                                 reinterpret_cast<sockaddr*>(&address), sizeof address));
  ::close(fd);
  return result;
}

}  // namespace

Json act(const Words& a) {
  const std::string& verb = a.front();
  auto arg = [&](size_t i) { return a.at(i).c_str(); };
  auto number = [&](size_t i) { return std::stol(a.at(i), nullptr, 0); };
  if (verb == "read") return read(a.at(1));
  if (verb == "write") return write(a.at(1), a.at(2), 0);
  if (verb == "append") return write(a.at(1), a.at(2), O_APPEND);
  if (verb == "list") return list(a.at(1));
  if (verb == "stat") return stat_of(a.at(1));
  if (verb == "statfs") return statfs_of(a.at(1));
  if (verb == "create") return open_and_close(a.at(1), O_WRONLY | O_CREAT | O_EXCL);
  if (verb == "open") return open_and_close(a.at(1), O_RDONLY);
  if (verb == "open-write") return open_and_close(a.at(1), O_WRONLY);
  if (verb == "mkdir") return outcome(::mkdir(arg(1), 0755));
  if (verb == "unlink") return outcome(::unlink(arg(1)));
  if (verb == "rmdir") return outcome(::rmdir(arg(1)));
  if (verb == "access") return outcome(::access(arg(1), F_OK));
  if (verb == "chown")
    return outcome(::lchown(arg(1), static_cast<uid_t>(number(2)), static_cast<gid_t>(number(3))));
  if (verb == "chmod") return outcome(::chmod(arg(1), static_cast<mode_t>(number(2))));
  if (verb == "mknod") return mknod(a);
  if (verb == "symlink") return outcome(::symlink(arg(1), arg(2)));
  if (verb == "link") return outcome(::link(arg(1), arg(2)));
  if (verb == "mount") return outcome(::mount(arg(1), arg(2), arg(3), 0, nullptr));
  if (verb == "bind") return outcome(::mount(arg(1), arg(2), nullptr, MS_BIND, nullptr));
  if (verb == "remount")
    return outcome(
        ::mount(nullptr, arg(1), nullptr, static_cast<unsigned long>(number(2)), nullptr));
  if (verb == "umount") return outcome(::umount2(arg(1), MNT_DETACH));
  if (verb == "exec") return exec(a);
  if (verb == "syscall") return system_call(a);
  if (verb == "socket")
    return outcome(::socket(static_cast<int>(number(1)), static_cast<int>(number(2)),
                            static_cast<int>(number(3))));
  if (verb == "kill")
    return outcome(::kill(static_cast<pid_t>(number(1)), static_cast<int>(number(2))));
  if (verb == "sethostname") return outcome(::sethostname(arg(1), a.at(1).size()));
  if (verb == "setuid") return outcome(::setuid(static_cast<uid_t>(number(1))));
  if (verb == "fork") return fork_many(static_cast<int>(number(1)));
  if (verb == "fill") return fill(static_cast<size_t>(number(1)));
  if (verb == "spin") return spin(number(1));
  if (verb == "hold") return hold();
  if (verb == "await") return await();
  if (verb == "count-signals") return count_signals(static_cast<int>(number(1)));
  if (verb == "getxattr") return getxattr_of(a.at(1), a.at(2));
  if (verb == "notify") return notify(a.at(1));
  if (verb == "say") {
    say(a.at(1) + "\n");
    return outcome(0);
  }
  return {{"ok", false}, {"errno", "unknown action " + verb}};
}

}  // namespace probe
