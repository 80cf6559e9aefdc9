#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "oci/read_spec.hpp"
#include "runtime/base/error.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/stats.hpp"
#include "runtime/stats_json.hpp"
#include "shim/desk.hpp"

namespace ocelot::shim {
namespace {

constexpr std::int64_t shortest_interval_ms = 10, longest_interval_ms = 3'600'000;

}  // namespace

void Desk::update(control::RequestHandle handle, const Json& arguments) {
  const std::string resources = arguments.at("resources").dump();
  const Json rdt = arguments.value("intelRdt", Json::object());
  const UpdateRequest request{.resources = oci::read_resources(resources),
                              .config = {.resources = resources,
                                         .l3_cache_schema = rdt.value("l3CacheSchema", ""),
                                         .mem_bw_schema = rdt.value("memBwSchema", "")}};
  delegate(handle, "ocelot-shim:update", [&] {
    ocelot::update(sandbox_.global(), lock_container(sandbox_.global(), sandbox_.id(), "update"),
                   request);
  });
}

// Once, or as an event of the request each interval, until it is cancelled or the container ends.
void Desk::stats(control::RequestHandle handle, const Json& arguments) {
  const std::int64_t interval_ms = arguments.value("interval_ms", std::int64_t{0});
  if (interval_ms == 0) return server_->reply(handle, figures());
  if (interval_ms < shortest_interval_ms || interval_ms > longest_interval_ms) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("interval_ms: {} is not within {} to {}", interval_ms,
                            shortest_interval_ms, longest_interval_ms)};
  }
  stream(handle, std::chrono::milliseconds{interval_ms});
}

void Desk::stream(control::RequestHandle handle, std::chrono::milliseconds interval) {
  if (!server_->waits(handle)) return;
  if (sandbox_.status() == oci::Status::stopped) {
    streams_.erase(handle);
    return done(handle);
  }
  try {
    server_->stream(handle, figures());
  } catch (const Error& error) {
    // It has just ended: the next turn knows it, when all of its end is told.
    if (error.kind() != ErrorKind::WrongState) {
      streams_.erase(handle);
      return server_->fail(handle, error);
    }
  }
  streams_[handle] = loop_.after(interval, [this, handle, interval] { stream(handle, interval); });
}

const std::string& Desk::figures() {
  if (figures_.turn != loop_.now()) {
    figures_.text =
        stats_event_json(sandbox_.id(), ocelot::stats(sandbox_.global(), sandbox_.id()));
    figures_.turn = loop_.now();
  }
  return figures_.text;
}

}  // namespace ocelot::shim
