#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "oci/read_spec.hpp"
#include "runtime/base/error.hpp"
#include "runtime/operations.hpp"
#include "runtime/stats.hpp"
#include "runtime/stats_json.hpp"
#include "shim/desk.hpp"

namespace ocelot::shim {
namespace {

constexpr std::uint64_t shortest_interval_ms = 10;

}  // namespace

void Desk::update(control::RequestHandle handle, const Json& arguments) {
  const oci::ReadResources requested = oci::read_resources(arguments.at("resources").dump());
  delegate(handle, "ocelot-shim:update",
           [&] { ocelot::update(sandbox_.global(), sandbox_.id(), requested); });
}

// Once, or as an event of the request each interval, until it is cancelled or the container ends.
void Desk::stats(control::RequestHandle handle, const Json& arguments) {
  const std::uint64_t interval_ms = arguments.value("interval_ms", std::uint64_t{0});
  if (interval_ms == 0) return server_->reply(handle, figures());
  if (interval_ms < shortest_interval_ms) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("interval_ms: the shortest is {}", shortest_interval_ms)};
  }
  stream(handle, std::chrono::milliseconds{interval_ms});
}

void Desk::stream(control::RequestHandle handle, std::chrono::milliseconds interval) {
  if (!server_->waits(handle)) return;
  if (sandbox_.status() == oci::Status::stopped) {
    streams_.erase(handle);
    return done(handle);
  }
  server_->stream(handle, figures());
  streams_[handle] = loop_.after(interval, [this, handle, interval] { stream(handle, interval); });
}

std::string Desk::figures() const {
  return stats_event_json(sandbox_.id(), ocelot::stats(sandbox_.global(), sandbox_.id()));
}

}  // namespace ocelot::shim
