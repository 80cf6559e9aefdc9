#include "shim/kept_terminal.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <span>

#include "runtime/base/error.hpp"
#include "runtime/base/own_memory.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot::shim {
namespace {

constexpr const char* socket_name = "terminal.sock";
constexpr const char* packet = "terminal";
constexpr int patience_ms = 5000;

bool is_owner(int socket) {
  const uid_t uid = sys::peer_credentials(socket).uid;
  return uid == 0 || uid == sys::effective_uid();
}

// Nothing here allocates: a failure ends the process.
[[noreturn]] void hold(int listener, int terminal, int init) {
  give_back_memory();
  for (;;) {
    wait_either_readable(listener, init, -1);
    if (wait_readable(init, 0)) sys::exit(0);
    const UniqueFd shim = accept_unix(listener);
    if (is_owner(shim.get())) try_send_packet(shim.get(), packet, std::span(&terminal, 1));
  }
}

// Its descriptors are these three and no others.
[[noreturn]] void become_holder(int listener, int terminal, int init) {
  constexpr int first_free = 3;
  const UniqueFd own[] = {sys::duplicate(listener, first_free),
                          sys::duplicate(terminal, first_free), sys::duplicate(init, first_free)};
  for (int number = 0; number < first_free; ++number) sys::duplicate_to(own[number].get(), number);
  sys::close_range(first_free, ~0U, 0);
  sys::new_session();
  sys::change_directory_to("/");
  hold(0, 1, 2);
}

}  // namespace

void keep_terminal(int directory, int terminal, int init_pidfd) {
  const Context at{text("--keep-terminal")};
  const UniqueFd listener = listen_unix(directory, socket_name, SOCK_SEQPACKET, 0600);
  ChildProcess holder = spawn(
      "ocelot:terminal", {}, [&]() -> int { become_holder(listener.get(), terminal, init_pidfd); },
      [](const Error&) {});
  static_cast<void>(holder.release());  // it is collected like any orphan
}

std::optional<UniqueFd> kept_terminal(int directory) {
  const Context at{text("ask for the terminal that was kept")};
  const auto holder = connect_unix_if_listening(directory, socket_name, SOCK_SEQPACKET);
  if (!holder) return std::nullopt;
  if (!is_owner(holder->get())) {
    throw Error{ErrorKind::Failed, fmt::format("{} belongs to somebody else", socket_name)};
  }
  if (!wait_readable(holder->get(), patience_ms)) {
    throw Error{ErrorKind::Failed,
                fmt::format("the process that keeps it does not answer at {}", socket_name)}
        .with_hint("is it stopped? adopt the container again when it goes on");
  }
  auto answer = receive_packet(holder->get(), std::string_view{packet}.size());
  if (!answer || answer->fds.size() != 1) return std::nullopt;
  return std::move(answer->fds.front());
}

}  // namespace ocelot::shim
