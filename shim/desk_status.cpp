#include <nlohmann/json.hpp>

#include "runtime/base/sys_processes.hpp"
#include "shim/desk.hpp"

namespace ocelot::shim {
namespace {

using Json = nlohmann::json;

Json to_json(const StdioCounters& streams) {
  return {{"stdinBytes", streams.stdin_bytes},
          {"stdoutBytes", streams.stdout_bytes},
          {"stderrBytes", streams.stderr_bytes},
          {"lostBytes", streams.lost_bytes},
          {"stalls", streams.stalls},
          {"attachedSoFar", streams.attached},
          {"attached", streams.clients}};
}

Json to_json(const ContainerPeer::Counters& channel) {
  return {{"open", channel.open},
          {"waiting", channel.waiting},
          {"queued", channel.queued},
          {"commands", channel.commands},
          {"replies", channel.replies},
          {"unasked", channel.unasked},
          {"timeouts", channel.timeouts},
          {"dropped",
           {{"malformed", channel.malformed},
            {"cut", channel.cut},
            {"foreign", channel.foreign},
            {"late", channel.late},
            {"overflown", channel.overflown}}}};
}

Json to_json(const control::ConnectionStatus& connection) {
  return {{"pid", connection.peer.pid},
          {"uid", connection.peer.uid},
          {"role", control::name(connection.role)},
          {"requests", connection.in_progress},
          {"subscriptions", connection.subscriptions},
          {"queuedBytes", connection.queued_bytes},
          {"packets", connection.packets},
          {"sendBufferBytes", connection.send_buffer_bytes},
          {"receiveBufferBytes", connection.receive_buffer_bytes}};
}

Json latencies(const control::Metrics& metrics) {
  Json object = Json::object();
  for (const control::OperationTraits& traits : control::all_operations()) {
    const control::Histogram& histogram =
        metrics.latency[static_cast<std::size_t>(traits.operation)];
    if (histogram.count() == 0) continue;
    object[std::string(traits.name)] = {{"count", histogram.count()},
                                        {"p50Microseconds", histogram.quantile_us(0.5)},
                                        {"p99Microseconds", histogram.quantile_us(0.99)}};
  }
  return object;
}

Json to_json(const control::Metrics& metrics) {
  return {{"requests", metrics.requests},
          {"replies", metrics.replies},
          {"eventsPublished", metrics.events_published},
          {"eventsMissed", metrics.events_missed},
          {"packetsReceived", metrics.packets_received},
          {"packetsSent", metrics.packets_sent},
          {"sendCalls", metrics.send_calls},
          {"resends", metrics.resends()},
          {"refused", metrics.refused_altogether()},
          {"queuedBytes", metrics.queued_bytes},
          {"latency", latencies(metrics)}};
}

}  // namespace

void Desk::status(control::RequestHandle handle, const Json& arguments) {
  const control::Metrics metrics = server_->metrics();
  if (arguments.value("format", "") == "prometheus") {
    return server_->reply(handle,
                          Json{{"text", control::prometheus_text(metrics, sandbox_.id())}}.dump());
  }
  Json connections = Json::array();
  for (const control::ConnectionStatus& connection : server_->connections())
    connections.push_back(to_json(connection));
  const ContainerPeer* peer = sandbox_.peer();
  server_->reply(handle, Json{{"id", sandbox_.id()},
                              {"status", oci::to_string(sandbox_.status())},
                              {"pid", sys::process_id()},
                              {"underWay", sandbox_.under_way()},
                              {"streams", to_json(sandbox_.stdio().counters())},
                              {"control", to_json(metrics)},
                              {"channel", peer != nullptr ? to_json(peer->counters()) : Json()},
                              {"connections", std::move(connections)}}
                             .dump());
}

}  // namespace ocelot::shim
