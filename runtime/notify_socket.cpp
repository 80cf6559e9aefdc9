#include "runtime/notify_socket.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot {
namespace {

constexpr const char* closed_directory = "notify";
constexpr const char* directory_name = "notify/container";
constexpr const char* socket_name = "notify.sock";
constexpr const char* directory_in_container = "/run/notify";
constexpr const char* variable = "NOTIFY_SOCKET=";
constexpr int patience_ms = 30'000;
constexpr int datagrams_a_turn = 1024;  // more than a socket holds, but somebody may fill it again

bool says_ready(std::string_view words) {
  const auto lines = split(words, '\n');
  return std::find(lines.begin(), lines.end(), "READY=1") != lines.end();
}

UniqueFd connect_host(const std::string& name) {
  if (name.starts_with('@')) return connect_abstract_unix(name.substr(1), SOCK_DGRAM);
  return connect_unix(name, SOCK_DGRAM);
}

}  // namespace

std::string host_notify_socket() {
  const char* name = std::getenv("NOTIFY_SOCKET");
  return name == nullptr ? "" : name;
}

void plan_notify_socket(Plan& plan, const std::string& host_socket,
                        const std::string& state_directory) {
  plan.notify_socket = host_socket;
  MountStep step;
  step.index = plan.rootfs.mounts.size();
  step.kind = MountKind::bind;
  step.options.bind = true;
  step.destination = directory_in_container;
  step.source = fmt::format("{}/{}", state_directory, directory_name);
  // The container may talk to the socket, which a read-only mount does not forbid, and do nothing
  // else there.
  step.options.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  plan.rootfs.mounts.push_back(std::move(step));

  std::vector<std::string>& env = plan.process.env;
  std::erase_if(env, [](const std::string& entry) { return entry.starts_with(variable); });
  env.push_back(fmt::format("{}{}/{}", variable, directory_in_container, socket_name));
}

void make_notify_directory(int state_directory) {
  sys::make_directory(state_directory, closed_directory, 0700);
  sys::make_directory(state_directory, directory_name, 0755);
  // Whatever the umask: the process may have any user id.
  const UniqueFd directory =
      sys::open(state_directory, directory_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  sys::change_mode(directory.get(), 0755);
}

std::optional<UniqueFd> bind_notify_socket(int state_directory) {
  Context at{text("NOTIFY_SOCKET")};
  const auto directory =
      sys::open_if_exists(state_directory, directory_name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return std::nullopt;
  sys::unlink_if_exists(directory->get(), socket_name);  // of a start that failed
  UniqueFd socket = bind_unix(directory->get(), socket_name, SOCK_DGRAM, 0777);
  const UniqueFd file = sys::open(directory->get(), socket_name, O_PATH | O_NOFOLLOW);
  sys::change_mode(file.get(), 0777);
  sys::set_nonblocking(socket.get(), true);
  return socket;
}

NotifyRelay::NotifyRelay(UniqueFd socket, std::string host_socket, pid_t pid)
    : socket_(std::move(socket)), host_socket_(std::move(host_socket)), pid_(pid) {}

bool NotifyRelay::receive() {
  // Descriptors that the process may send along are closed by the kernel, since nobody asks for
  // them.
  std::array<char, 4096> datagram;
  for (int count = 0; count < datagrams_a_turn; ++count) {
    const ssize_t size = sys::try_read(socket_.get(), datagram);
    if (size < 0) break;
    hear({datagram.data(), static_cast<std::size_t>(size)});
  }
  return ready_;
}

bool NotifyRelay::hear(std::string_view words) {
  ready_ = ready_ || says_ready(words);
  return ready_;
}

void NotifyRelay::pass_on() {
  if (!ready_ || std::exchange(passed_on_, true)) return;
  Context at{[&] { return fmt::format("tell NOTIFY_SOCKET {}", host_socket_); }};
  const UniqueFd host = connect_host(host_socket_);
  // One message: the service is ready, and this process of it is the main one.
  send_packet(host.get(), fmt::format("MAINPID={}\nREADY=1\n", pid_));
  sys::Pipe barrier = sys::pipe();
  const int fds[] = {barrier.write_end.get()};
  send_packet(host.get(), "BARRIER=1", fds);
  barrier_ = std::move(barrier.read_end);
}

void NotifyRelay::settle() {
  if (!barrier_) return;
  if (!wait_readable(barrier_.get(), patience_ms)) {
    log::warning(
        fmt::format("{} has not taken READY=1 within {} s", host_socket_, patience_ms / 1000));
  }
  barrier_.reset();
}

void relay_notify(NotifyRelay& relay, int init_pidfd) {
  try {
    while (!relay.receive()) {
      wait_either_readable(relay.fd(), init_pidfd, -1);
      if (wait_readable(init_pidfd, 0)) {
        relay.receive();  // it may have been ready just before its end
        break;
      }
    }
    relay.pass_on();
    relay.settle();
  } catch (const Error& error) {
    log::warning(error.what());
  }
}

}  // namespace ocelot
