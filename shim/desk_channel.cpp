#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "shim/desk.hpp"

namespace ocelot::shim {
namespace {

constexpr std::int64_t longest_timeout_ms = 3'600'000;

std::string to_json(const ContainerPeer::Received& received) {
  return nlohmann::json{
      {"received", received.text},
      {"descriptors", received.fds.size()},
      {"sender",
       {{"pid", received.sender.pid}, {"uid", received.sender.uid}, {"gid", received.sender.gid}}}}
      .dump();
}

}  // namespace

void Desk::channel(control::Request& request, const Json& arguments) {
  ContainerPeer* peer = sandbox_.peer();
  if (peer == nullptr) {
    throw Error{ErrorKind::Unsupported, "the container has no channel"}.with_hint(
        "create and run make one with --shim --channel; it ends with the shim that made it");
  }
  ContainerPeer::Command command{.fds = std::move(request.fds)};
  if (const auto text = arguments.find("send"); text != arguments.end())
    command.send = text->get<std::string>();
  command.receive = arguments.value("receive", true);
  const auto timeout = arguments.value("timeout_ms", command.timeout.count());
  if (timeout < 1 || timeout > longest_timeout_ms) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("timeout_ms: {} is not within 1 to {}", timeout, longest_timeout_ms)};
  }
  command.timeout = std::chrono::milliseconds{timeout};
  const control::RequestHandle handle = request.handle;
  command.answered = [this, handle](std::optional<ContainerPeer::Received> received) {
    if (!received) return done(handle);
    server_->reply(handle, to_json(*received));
  };
  command.delivery = [this, handle]() -> ContainerPeer::Delivery {
    const auto reply = std::make_shared<control::DirectReply>(server_->direct_reply(handle));
    return {[reply](ContainerPeer::Received received) {
              std::string document = to_json(received);
              reply->send(std::move(document), std::move(received.fds));
            },
            {reply->fd()}};
  };
  command.delivered = [this, handle] { server_->was_answered(handle); };
  command.failed = [this, handle](const Error& error) { server_->fail(handle, error); };
  peer->request(handle, std::move(command));
}

}  // namespace ocelot::shim
