#include "shim/handover_counters.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace ocelot::shim {
namespace {

using Json = nlohmann::ordered_json;
using control::Metrics;

template <typename Object>
struct Counter {
  const char* name;
  std::uint64_t Object::*member;
};

constexpr Counter<StdioCounters> of_streams[] = {{"stdinBytes", &StdioCounters::stdin_bytes},
                                                 {"stdoutBytes", &StdioCounters::stdout_bytes},
                                                 {"stderrBytes", &StdioCounters::stderr_bytes},
                                                 {"lostBytes", &StdioCounters::lost_bytes},
                                                 {"stalls", &StdioCounters::stalls},
                                                 {"attached", &StdioCounters::attached}};

constexpr Counter<LogCounters> of_log[] = {{"records", &LogCounters::records},
                                           {"writtenBytes", &LogCounters::written_bytes},
                                           {"droppedLines", &LogCounters::dropped_lines},
                                           {"droppedBytes", &LogCounters::dropped_bytes},
                                           {"errors", &LogCounters::errors},
                                           {"rotations", &LogCounters::rotations}};

constexpr Counter<ContainerPeer::Counters> of_channel[] = {
    {"commands", &ContainerPeer::Counters::commands},
    {"replies", &ContainerPeer::Counters::replies},
    {"unasked", &ContainerPeer::Counters::unasked},
    {"timeouts", &ContainerPeer::Counters::timeouts},
    {"malformed", &ContainerPeer::Counters::malformed},
    {"cut", &ContainerPeer::Counters::cut},
    {"foreign", &ContainerPeer::Counters::foreign},
    {"late", &ContainerPeer::Counters::late},
    {"overflown", &ContainerPeer::Counters::overflown}};

constexpr Counter<Metrics> of_socket[] = {{"connectionsAccepted", &Metrics::connections_accepted},
                                          {"packetsReceived", &Metrics::packets_received},
                                          {"bytesReceived", &Metrics::bytes_received},
                                          {"receiveCalls", &Metrics::receive_calls},
                                          {"packetsSent", &Metrics::packets_sent},
                                          {"bytesSent", &Metrics::bytes_sent},
                                          {"sendCalls", &Metrics::send_calls},
                                          {"sendsBlocked", &Metrics::sends_blocked},
                                          {"fragmentsReceived", &Metrics::fragments_received},
                                          {"messagesExpired", &Metrics::messages_expired},
                                          {"requests", &Metrics::requests},
                                          {"replies", &Metrics::replies},
                                          {"repeatsAttached", &Metrics::repeats_attached},
                                          {"repeatsAnswered", &Metrics::repeats_answered},
                                          {"eventsPublished", &Metrics::events_published},
                                          {"eventsSent", &Metrics::events_sent},
                                          {"eventsMissed", &Metrics::events_missed}};

template <typename Object, std::size_t count>
Json numbers(const Object& object, const Counter<Object> (&counters)[count]) {
  Json document = Json::object();
  for (const auto& each : counters) document[each.name] = object.*each.member;
  return document;
}

template <typename Object, std::size_t count>
void read_numbers(const Json& document, const Counter<Object> (&counters)[count], Object& object) {
  for (const auto& each : counters) object.*each.member = document.value(each.name, 0ULL);
}

template <typename Number, std::size_t size>
std::array<Number, size> read_array(const Json& document) {
  const auto given = document.get<std::vector<Number>>();
  std::array<Number, size> numbers{};
  std::copy_n(given.begin(), std::min(given.size(), size), numbers.begin());
  return numbers;
}

}  // namespace

Json counters_json(const StdioCounters& counters) {
  Json document = numbers(counters, of_streams);
  document["log"] = numbers(counters.log, of_log);
  return document;
}

Json counters_json(const ContainerPeer::Counters& counters) {
  return numbers(counters, of_channel);
}

Json counters_json(const Metrics& metrics) {
  Json document = numbers(metrics, of_socket);
  document["damaged"] = metrics.damaged;
  document["refused"] = metrics.refused;
  document["latency"] = Json::object();
  for (const control::OperationTraits& each : control::all_operations()) {
    const control::Histogram& times = metrics.latency[static_cast<std::size_t>(each.operation)];
    if (times.count() == 0) continue;
    document["latency"][std::string(each.name)] = {{"sum", times.sum_us()},
                                                   {"buckets", times.counts()}};
  }
  return document;
}

void read_counters(const Json& document, StdioCounters& counters) {
  read_numbers(document, of_streams, counters);
  read_numbers(document.at("log"), of_log, counters.log);
}

void read_counters(const Json& document, ContainerPeer::Counters& counters) {
  read_numbers(document, of_channel, counters);
}

void read_counters(const Json& document, Metrics& metrics) {
  read_numbers(document, of_socket, metrics);
  metrics.connections_closed = metrics.connections_accepted;  // none outlives its program
  metrics.damaged = read_array<std::uint64_t, control::damages>(document.at("damaged"));
  metrics.refused = read_array<std::uint64_t, control::refusals>(document.at("refused"));
  const Json& latency = document.at("latency");
  for (const control::OperationTraits& each : control::all_operations()) {
    const auto times = latency.find(std::string(each.name));
    if (times == latency.end()) continue;
    constexpr std::size_t buckets = control::Histogram::buckets;
    metrics.latency[static_cast<std::size_t>(each.operation)] = control::Histogram{
        read_array<std::uint32_t, buckets>(times->at("buckets")), times->at("sum")};
  }
}

}  // namespace ocelot::shim
