#include "shim/control/listener.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>

#include "runtime/base/error.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/unix_socket.hpp"
#include "shim/control/packet_socket.hpp"

namespace ocelot::control {
namespace {

constexpr int type = SOCK_SEQPACKET | SOCK_NONBLOCK;
constexpr int backlog = 64;

// Empty when there is no free descriptor now: the next accept tries again.
UniqueFd open_reserve() {
  int error_number = 0;
  return sys::try_openat2(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0, error_number);
}

// A connection inherits both from the listener, before anybody can send on it.
void set_options(int socket) {
  sys::set_socket_option(socket, SO_PASSCRED, 1);
  sys::set_socket_option_if_known(socket, so_passrights, 0);
  sys::set_nonblocking(socket, true);
}

}  // namespace

bool Listener::exists(int directory, const std::string& name) {
  int error_number = 0;
  // EAGAIN: it listens, and does not keep up.
  return try_connect_unix(directory, name, type, error_number) || error_number == EAGAIN;
}

Listener Listener::bind(int directory, const Options& options) {
  if (exists(directory, options.name))
    throw Error{ErrorKind::AlreadyExists, fmt::format("{}: another shim listens", options.name)};
  sys::unlink_if_exists(directory, options.name);
  UniqueFd socket = bind_unix(directory, options.name, type, options.mode);
  // Until here the umask may have made it stricter, never wider.
  const UniqueFd file = sys::open(directory, options.name, O_PATH | O_NOFOLLOW);
  if (options.group != static_cast<gid_t>(-1))
    sys::change_owner(file.get(), static_cast<uid_t>(-1), options.group);
  sys::change_mode(file.get(), options.mode);
  set_buffer_sizes(socket.get(), options.send_buffer_bytes, options.receive_buffer_bytes);
  return Listener{std::move(socket)};
}

Listener::Listener(UniqueFd socket) : socket_(std::move(socket)), reserve_(open_reserve()) {
  set_options(socket_.get());
  sys::listen(socket_.get(), backlog);
}

UniqueFd Listener::accept(bool& turned_away) {
  turned_away = false;
  if (!reserve_) reserve_ = open_reserve();
  int error_number = 0;
  UniqueFd connection = sys::try_accept(socket_.get(), error_number);
  if (connection || (error_number != EMFILE && error_number != ENFILE)) return connection;
  reserve_.reset();
  connection = sys::try_accept(socket_.get(), error_number);
  turned_away = static_cast<bool>(connection);
  return connection;
}

}  // namespace ocelot::control
