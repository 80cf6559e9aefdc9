#include "shim/control/direct_reply.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "shim/control/outbox.hpp"
#include "shim/control/packet_socket.hpp"

namespace ocelot::control {
namespace {

constexpr int patience_ms = 5'000;

SharedBody share_for_good(std::string document, std::vector<UniqueFd> fds) {
  return {new Body{std::move(document), std::move(fds)}, [](const Body*) {}};
}

}  // namespace

void DirectReply::send(std::string document, std::vector<UniqueFd> fds) {
  const UniqueFd socket = std::move(socket_);
  Metrics uncounted;
  Outbox outbox{packet_bytes(socket.get()), uncounted};
  outbox.push({Type::Reply, id_, share_for_good(std::move(document), std::move(fds))});
  for (;;) {
    switch (outbox.flush(socket.get())) {
      case Outbox::State::Empty:
        return;
      case Outbox::State::Refused:
      case Outbox::State::Broken:
        throw Error{ErrorKind::Failed, "the client is gone"};
      case Outbox::State::Blocked:
        if (!sys::wait_writable(socket.get(), patience_ms))
          throw Error{ErrorKind::Failed, "the client does not read"};
    }
  }
}

}  // namespace ocelot::control
