#include "shim/shelf.hpp"

#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"
#include "shim/control/little_endian.hpp"
#include "shim/foreign_fds.hpp"

namespace ocelot::shim {

void Shelf::open() {
  if (in_) return;
  SocketPair ends = socket_pair();
  for (const int fd : {ends.ours.get(), ends.theirs.get()}) sys::set_nonblocking(fd, true);
  in_ = std::move(ends.ours);
  out_ = std::move(ends.theirs);
}

bool Shelf::put(std::uint64_t number, std::span<const UniqueFd> fds) const {
  std::string packet(sizeof number, '\0');
  control::put(packet.data(), number);
  std::vector<int> numbers;
  for (const UniqueFd& fd : fds) numbers.push_back(fd.get());
  return try_send_packet(in_.get(), packet, numbers) == 0;
}

std::vector<UniqueFd> Shelf::take(std::uint64_t number) const {
  for (;;) {
    auto kept = receive_packet(out_.get(), sizeof number).value();
    if (control::get<std::uint64_t>(kept.bytes.data()) == number) return std::move(kept.fds);
    const ForeignFds lost{std::move(kept.fds)};
  }
}

}  // namespace ocelot::shim
