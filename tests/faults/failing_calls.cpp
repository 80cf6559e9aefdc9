// One system call of `create` at a time fails (C10, F12, F13): create then fails with one clear
// error that ends in the errno's words, and leaves nothing.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <sstream>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

struct Fault {
  std::string call;
  std::string error;
  std::string words;
  int when = 1;
};

// Something of everything that makes security calls: a user, groups, capabilities, a filter, masks,
// sysctls, a session keyring.
//
// The state directory keeps what was compiled of a filter: it is there before anything fails.
void prepare(const Runtime& runtime, Bundle& bundle) {
  bundle.args({"/bin/true"});
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}, {"additionalGids", {5}}};
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "0"}};
  bundle.linux()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls", {{{"names", {"getppid"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
  const Output output = runtime.run(bundle);
  if (output.status != 0) throw std::runtime_error(output.err);
}

std::vector<std::string> under_strace(const std::string& inject, const std::string& log,
                                      const std::vector<std::string>& command) {
  // Only the call in question is traced: else the run takes ten times as long.
  const std::string call = inject.substr(0, inject.find(':'));
  std::vector<std::string> words{
      "strace", "-f", "-qq", "-o", log, "-e", "trace=" + call, "-e", "inject=" + inject};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

void check_fails_cleanly(const Runtime& runtime, const Bundle& bundle, const Fault& fault) {
  BOOST_TEST_CONTEXT(fault.call << " number " << fault.when << " fails with " << fault.error) {
    const TempDir files;
    const Leftovers before{{runtime.root()}};
    const Output output = run(
        under_strace(fault.call + ":error=" + fault.error + ":when=" + std::to_string(fault.when),
                     files / "log", runtime.command({"create", "--bundle", bundle.path(), "c"})));
    BOOST_TEST(contains(read_file(files / "log"), "INJECTED"), "the call was not made");
    BOOST_TEST(output.status == 1, "status " << output.status << " " << output.err);
    BOOST_TEST(contains(output.err, fault.words), output.err);
    BOOST_TEST(output.err.starts_with("ocelot create failed: "), output.err);
    const std::vector<std::string> left = before.since();
    BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
    if (output.status == 0) runtime.del("c", {"--force"});
  }
}

// A limit on descriptors, for the command alone.
RunOptions with_descriptors(rlim_t count) {
  RunOptions options;
  options.in_child = [count] {
    const rlimit limit{count, count};
    checked(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  };
  return options;
}

// A file system of its own for the state, of so many blocks and inodes.
class SmallRoot {
 public:
  explicit SmallRoot(const std::string& options) {
    checked(::mount("small", directory_.path().c_str(), "tmpfs", 0, options.c_str()), "mount");
    checked(::chmod(directory_.path().c_str(), 0700), "chmod");
  }
  SmallRoot(const SmallRoot&) = delete;
  SmallRoot& operator=(const SmallRoot&) = delete;
  ~SmallRoot() { ::umount2(directory_.path().c_str(), MNT_DETACH); }

  const std::string& path() const { return directory_.path(); }

  Output call(std::vector<std::string> words) const {
    words.insert(words.begin(), {Runtime::path(), "--root", path()});
    return run(std::move(words));
  }

  void fill() const {
    const std::string file = path() + "/.filler";
    const int fd = checked(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), "open");
    const std::string block(4096, 'x');
    while (::write(fd, block.data(), block.size()) > 0) {
    }
    ::close(fd);
    std::error_code ignored;
    for (int i = 0; i < 10000; ++i) {
      const int inode = ::open((path() + "/.inode" + std::to_string(i)).c_str(),
                               O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      if (inode == -1) break;
      ::close(inode);
    }
  }

 private:
  TempDir directory_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failing_calls, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(every_call_that_confines_the_process_must_succeed) {  // C10
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  for (const Fault& fault : std::vector<Fault>{
           {"setgroups", "EPERM", "setgroups"},
           {"setresuid", "EAGAIN", "setresuid"},
           {"setresgid", "EPERM", "setresgid"},
           {"capset", "EPERM", "capset"},
           {"keyctl", "EDQUOT", "keyctl"},
           {"pivot_root", "EINVAL", "pivot_root"},
           {"umount2", "EBUSY", "umount"},
           {"unshare", "ENOSPC", "No space left on device"},
           {"mount_setattr", "EIO", "Input/output error", 3},
           {"chdir", "EACCES", "Permission denied"},
           {"fchdir", "EACCES", "Permission denied"},
           {"sethostname", "EPERM", "sethostname"},
           {"close_range", "EINVAL", "close_range"},
           {"setsid", "EPERM", "setsid"},
       })
    check_fails_cleanly(runtime, bundle, fault);
  // With noNewPrivileges the filter is loaded at start.
  bundle.process()["noNewPrivileges"] = false;
  bundle.write();
  check_fails_cleanly(runtime, bundle, {"seccomp", "EACCES", "seccomp"});
}

BOOST_AUTO_TEST_CASE(a_filter_that_cannot_be_loaded_at_start_is_fatal) {  // C9, C10
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  const TempDir files;
  const Leftovers before{{runtime.root()}};
  const Output output = run(under_strace("seccomp:error=EACCES", files / "log",
                                         runtime.command({"run", "--bundle", bundle.path(), "c"})));
  BOOST_TEST(contains(read_file(files / "log"), "INJECTED"));
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "seccomp"), output.err);
  BOOST_TEST(before.since().empty());
}

// prctl says by its first argument what it does: each occurrence is tried.
BOOST_AUTO_TEST_CASE(no_prctl_that_drops_a_privilege_may_fail) {  // C10
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  const TempDir files;
  std::vector<std::string> trace{"strace", "-f", "-qq", "-o", files / "log", "-e", "trace=prctl"};
  for (const std::string& word : runtime.command({"run", "--bundle", bundle.path(), "c"}))
    trace.push_back(word);
  BOOST_TEST_REQUIRE(run(trace).status == 0);
  std::istringstream lines{read_file(files / "log")};
  std::map<std::string, int> made;  // by each process, as strace counts
  std::map<std::string, int> when;  // of the first of its kind
  for (std::string pid, line; lines >> pid && std::getline(lines, line);) {
    if (!contains(line, "prctl(")) continue;
    const int number = ++made[pid];
    for (const char* option :
         {"PR_SET_NO_NEW_PRIVS", "PR_CAPBSET_DROP", "PR_SET_KEEPCAPS, SECBIT_KEEP_CAPS",
          "PR_SET_KEEPCAPS, 1", "PR_CAP_AMBIENT_CLEAR_ALL"})
      if (contains(line, option)) when.emplace(option, number);
  }
  BOOST_TEST(when.contains("PR_SET_NO_NEW_PRIVS"));
  BOOST_TEST(when.contains("PR_CAPBSET_DROP"));
  BOOST_TEST(when.contains("PR_CAP_AMBIENT_CLEAR_ALL"));
  for (const auto& [option, number] : when) {
    BOOST_TEST_CONTEXT(option)
    check_fails_cleanly(runtime, bundle, {"prctl", "EPERM", "Operation not permitted", number});
  }
}

BOOST_AUTO_TEST_CASE(every_call_that_makes_the_container_may_fail) {
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  for (const Fault& fault : std::vector<Fault>{
           {"clone3", "EAGAIN", "Resource temporarily unavailable"},
           {"mkdirat", "ENOSPC", "No space left on device"},
           {"renameat2,renameat,rename", "ENOSPC", "No space left on device"},
           {"flock", "EIO", "Input/output error"},
           {"socketpair", "EMFILE", "Too many open files"},
           {"socket", "EMFILE", "Too many open files"},
           {"bind", "ENOSPC", "No space left on device"},
           {"listen", "ENOBUFS", "No buffer space available"},
           {"sendmsg", "ENOBUFS", "exit status 1"},  // none is left to tell why
           {"open_tree", "EMFILE", "Too many open files"},
           {"move_mount", "EINVAL", "Invalid argument"},
           {"fsopen", "ENODEV", "No such device"},
           {"fsconfig", "EINVAL", "Invalid argument"},
           {"fsmount", "ENOMEM", "Cannot allocate memory"},
           {"mknodat", "EPERM", "Operation not permitted"},
           {"symlinkat", "EIO", "Input/output error"},
           {"openat2", "ENFILE", "Too many open files in system"},
       })
    check_fails_cleanly(runtime, bundle, fault);
}

// The calls that are made often: the first, and a few later ones.
BOOST_AUTO_TEST_CASE(a_call_made_often_may_fail_at_any_time) {
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  const bool all = std::getenv("OCELOT_EVERY_CALL") != nullptr;
  for (const char* call :
       {"openat", "write", "fstat,newfstatat,statx", "mount_setattr", "move_mount"}) {
    const TempDir files;
    std::vector<std::string> trace{
        "strace", "-f", "-qq", "-o", files / "log", "-e", std::string{"trace="} + call};
    for (const std::string& word : runtime.command({"run", "--bundle", bundle.path(), "c"}))
      trace.push_back(word);
    BOOST_TEST_REQUIRE(run(trace).status == 0);
    std::map<std::string, int> made;
    std::istringstream lines{read_file(files / "log")};
    for (std::string pid, line; lines >> pid && std::getline(lines, line);) ++made[pid];
    int most = 0;
    for (const auto& [pid, count] : made) most = std::max(most, count);
    for (int when = 1; when <= most; when += all ? 1 : 1 + most / 5) {
      BOOST_TEST_CONTEXT(call << " number " << when << " of each process") {
        const Leftovers before{{runtime.root()}};
        const Output output = run(
            under_strace(std::string{call} + ":error=EIO:when=" + std::to_string(when),
                         files / "log", runtime.command({"run", "--bundle", bundle.path(), "c"})));
        // Some are made to look whether something is there, and need not be fatal.
        BOOST_TEST(output.status < 128, "status " << output.status << " " << output.err);
        if (output.status == 1) BOOST_TEST(!output.err.empty());
        // It may have been the deletion that failed.
        const Output removed = runtime.del("c", {"--force"});
        BOOST_TEST(removed.status == 0, removed.err);
        const std::vector<std::string> left = before.since();
        BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(too_few_descriptors_are_a_clear_error) {  // F13
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  bundle.process().erase("rlimits");  // the hard limit of the caller is lower than that one
  bundle.write();
  bool succeeded = false;
  for (const rlim_t limit : {4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 128}) {
    BOOST_TEST_CONTEXT(limit << " descriptors") {
      const Leftovers before{{runtime.root()}};
      const Output output =
          runtime.call({"create", "--bundle", bundle.path(), "c"}, with_descriptors(limit));
      if (output.status == 0) {
        succeeded = true;
        BOOST_TEST(runtime.call({"delete", "--force", "c"}, with_descriptors(32)).status == 0);
      } else {
        BOOST_TEST(output.status == 1);
        BOOST_TEST(contains(output.err, "Too many open files"), output.err);
        BOOST_TEST(!succeeded, "worked with fewer");
      }
      const std::vector<std::string> left = before.since();
      BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
    }
  }
  BOOST_TEST(succeeded);
}

BOOST_AUTO_TEST_CASE(a_full_state_directory_is_a_clear_error) {  // F12
  Runtime runtime;
  Bundle bundle;
  prepare(runtime, bundle);
  // A filter is not kept where there is no room for it, and its directory may stay.
  bundle.linux().erase("seccomp");
  bundle.write();
  for (const char* options :
       {"size=4k,nr_inodes=100", "size=8k,nr_inodes=100", "size=1m,nr_inodes=2",
        "size=1m,nr_inodes=3", "size=1m,nr_inodes=4", "size=1m,nr_inodes=5"}) {
    BOOST_TEST_CONTEXT(options) {
      const SmallRoot root{options};
      const Leftovers before{{root.path()}};
      const Output output = root.call({"create", "--bundle", bundle.path(), "c"});
      BOOST_TEST(output.status == 1);
      BOOST_TEST(contains(output.err, "No space left on device"), output.err);
      const std::vector<std::string> left = before.since();
      BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
    }
  }
}

BOOST_AUTO_TEST_CASE(delete_needs_no_space) {  // F12
  for (const bool started : {false, true}) {
    Bundle bundle;
    bundle.args({"/bin/sleep", "1000"}).write();
    const SmallRoot root{"size=256k,nr_inodes=64"};
    const Leftovers before;
    const Output created = root.call({"create", "--bundle", bundle.path(), "c"});
    BOOST_REQUIRE_MESSAGE(created.status == 0, created.err);
    root.fill();
    if (started) BOOST_TEST(root.call({"start", "c"}).status == 0);
    BOOST_TEST(root.call({"kill", "c", "KILL"}).status == 0);
    const Output removed = root.call({"delete", "--force", "c"});
    BOOST_TEST(removed.status == 0, removed.err);
    BOOST_TEST(!std::filesystem::exists(root.path() + "/c"));
    BOOST_TEST(before.since().empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
