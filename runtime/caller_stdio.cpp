#include "runtime/caller_stdio.hpp"

#include <sys/socket.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/stdio_fifos.hpp"

namespace ocelot {

CallerStdio CallerStdio::choose(bool terminal, const std::string& console_socket, Caller caller) {
  const bool has_socket = !console_socket.empty();
  if (caller == Caller::supervises && has_socket) {
    throw Error{ErrorKind::InvalidArgument, "cannot use console socket with a shim"}.with_hint(
        "the shim keeps the streams: leave --console-socket out, and use attach");
  }
  if (caller == Caller::stays && has_socket) {
    throw Error{ErrorKind::InvalidArgument,
                "cannot use console socket if ocelot will not detach or allocate tty"}
        .with_hint("leave --console-socket out, or add --detach");
  }
  if (caller == Caller::leaves && terminal && !has_socket) {
    throw Error{ErrorKind::InvalidArgument,
                "cannot allocate tty if ocelot will detach without setting console socket"}
        .with_hint(
            "set process.terminal to false, or give --console-socket a socket that receives the "
            "terminal");
  }
  Context at{text("--console-socket")};
  UniqueFd socket = has_socket ? connect_unix(console_socket, SOCK_STREAM) : UniqueFd{};
  const bool pipes = has_socket || caller == Caller::supervises;
  const Stdio kind = terminal ? Stdio::terminal : pipes ? Stdio::pipes : Stdio::inherit;
  return {kind, caller, std::move(socket)};
}

std::vector<UniqueFd> CallerStdio::take_container_ends(int state_directory) {
  std::vector<UniqueFd> ends;
  if (kind_ != Stdio::pipes) return ends;
  if (caller_ == Caller::supervises) {
    ContainerEnds fifos = make_fifos(state_directory);
    ends.push_back(std::move(fifos.stdin_end));
    ends.push_back(std::move(fifos.stdout_end));
    ends.push_back(std::move(fifos.stderr_end));
    return ends;
  }
  for (std::size_t i = 0; i < host_ends_.size(); ++i) {
    sys::Pipe pipe = sys::pipe();
    const bool container_reads = i == 0;
    host_ends_[i] = std::move(container_reads ? pipe.write_end : pipe.read_end);
    ends.push_back(std::move(container_reads ? pipe.read_end : pipe.write_end));
  }
  return ends;
}

void CallerStdio::deliver_terminal(UniqueFd master) {
  if (!socket_) {
    terminal_ = std::move(master);
    return;
  }
  Context at{text("--console-socket")};
  const int fds[] = {master.get()};
  send_packet(socket_.get(), "/dev/ptmx", fds);
  socket_.reset();
}

void CallerStdio::deliver_pipes() {
  if (!socket_) return;
  Context at{text("--console-socket")};
  const int fds[] = {host_ends_[0].get(), host_ends_[1].get(), host_ends_[2].get()};
  send_packet(socket_.get(), "stdio", fds);
  socket_.reset();
  host_ends_ = {};
}

}  // namespace ocelot
