#include "shim/control/metrics.hpp"

#include <fmt/format.h>

#include <bit>
#include <iterator>
#include <numeric>

namespace ocelot::control {

const char* describe(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::NoRole:
      return "no_role";
    case Refusal::Permission:
      return "permission";
    case Refusal::UnknownOperation:
      return "unknown_operation";
    case Refusal::Descriptors:
      return "descriptors";
    case Refusal::Connections:
      return "connections";
    case Refusal::ConnectionsOfUid:
      return "connections_of_uid";
    case Refusal::RequestsInProgress:
      return "requests_in_progress";
    case Refusal::OtherPayload:
      return "other_payload";
    case Refusal::Forgotten:
      return "forgotten";
    case Refusal::EffectsFull:
      return "effects_full";
    case Refusal::Protocol:
      return "protocol";
  }
  return "unknown";
}

void Histogram::add(std::chrono::nanoseconds time) noexcept {
  const auto us = static_cast<std::uint64_t>(
      std::chrono::ceil<std::chrono::microseconds>(std::max(time, time.zero())).count());
  // Bucket n holds what is at most 2^n us.
  const auto bucket = us <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(us - 1));
  ++counts_[std::min(bucket, buckets - 1)];
  sum_us_ += us;
}

std::uint64_t Histogram::count() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t Histogram::quantile_us(double share) const noexcept {
  const double wanted = share * static_cast<double>(count());
  double seen = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen > 0) return std::uint64_t{1} << bucket;
  }
  return 0;
}

std::uint64_t Metrics::resends() const noexcept {
  return std::accumulate(damaged.begin(), damaged.end(), std::uint64_t{0});
}

std::uint64_t Metrics::refused_altogether() const noexcept {
  return std::accumulate(refused.begin(), refused.end(), std::uint64_t{0});
}

namespace {

// The escapes that a label value may have.
std::string label_value(std::string_view text) {
  std::string value;
  for (const char c : text) {
    if (c == '\n') {
      value += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') value += '\\';
    value += c;
  }
  return value;
}

class Text {
 public:
  explicit Text(std::string_view container) : container_(label_value(container)) {}

  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_),
                   "# HELP ocelot_control_{0} {2}\n# TYPE ocelot_control_{0} {1}\n", name, type,
                   help);
  }
  void value(std::string_view name, std::string_view labels, std::uint64_t value) {
    fmt::format_to(std::back_inserter(text_), "ocelot_control_{}{{container=\"{}\"{}{}}} {}\n",
                   name, container_, labels.empty() ? "" : ",", labels, value);
  }
  void single(std::string_view name, std::string_view type, std::string_view help,
              std::uint64_t number) {
    family(name, type, help);
    value(name, {}, number);
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string container_;
  std::string text_;
};

void write_latency(Text& text, const Metrics& metrics) {
  constexpr std::string_view name = "request_duration_microseconds";
  text.family(name, "histogram", "From a request's arrival to its reply.");
  for (const OperationTraits& entry : all_operations()) {
    const Histogram& times = metrics.latency[static_cast<std::size_t>(entry.operation)];
    const std::uint64_t count = times.count();
    if (count == 0) continue;
    const std::string label = fmt::format("operation=\"{}\"", entry.name);
    std::uint64_t sum = 0;
    for (std::size_t bucket = 0; bucket + 1 < Histogram::buckets; ++bucket) {
      sum += times.in_bucket(bucket);
      text.value(fmt::format("{}_bucket", name),
                 fmt::format("{},le=\"{}\"", label, std::uint64_t{1} << bucket), sum);
    }
    text.value(fmt::format("{}_bucket", name), label + ",le=\"+Inf\"", count);
    text.value(fmt::format("{}_sum", name), label, times.sum_us());
    text.value(fmt::format("{}_count", name), label, count);
  }
}

}  // namespace

std::string prometheus_text(const Metrics& m, std::string_view container) {
  Text text{container};
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    text.single(name, "counter", help, value);
  };
  const auto gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    text.single(name, "gauge", help, value);
  };
  counter("connections_accepted_total", "Connections accepted.", m.connections_accepted);
  counter("connections_closed_total", "Connections closed.", m.connections_closed);
  counter("packets_received_total", "Packets received.", m.packets_received);
  counter("bytes_received_total", "Bytes received.", m.bytes_received);
  counter("receive_calls_total", "Calls of recvmmsg.", m.receive_calls);
  counter("packets_sent_total", "Packets sent.", m.packets_sent);
  counter("bytes_sent_total", "Bytes sent.", m.bytes_sent);
  counter("send_calls_total", "Calls of sendmsg, for a lone packet, and of sendmmsg: batches.",
          m.send_calls);
  counter("sends_blocked_total", "Of those calls, the ones that found no space.", m.sends_blocked);
  counter("fragments_received_total", "Packets that were part of a message.", m.fragments_received);
  counter("messages_expired_total", "Messages whose fragments did not all come.",
          m.messages_expired);
  counter("requests_total", "Requests that were served.", m.requests);
  counter("replies_total", "Replies sent or kept.", m.replies);
  counter("repeats_attached_total", "Repeats of a request in progress.", m.repeats_attached);
  counter("repeats_answered_total", "Repeats answered with a kept result.", m.repeats_answered);
  counter("events_published_total", "Events published.", m.events_published);
  counter("events_sent_total", "Events queued for subscribers.", m.events_sent);
  counter("events_missed_total", "Events that a lagging subscriber missed.", m.events_missed);

  text.family("resends_total", "counter", "Packets asked for again, by what was wrong.");
  for (std::size_t i = 1; i < damages; ++i) {
    text.value("resends_total", fmt::format("reason=\"{}\"", describe(static_cast<Damage>(i))),
               m.damaged[i]);
  }
  text.family("refusals_total", "counter", "Peers and requests that were refused.");
  for (std::size_t i = 0; i < refusals; ++i) {
    text.value("refusals_total", fmt::format("reason=\"{}\"", describe(static_cast<Refusal>(i))),
               m.refused[i]);
  }
  gauge("connections", "Open connections.", m.connections);
  gauge("requests_in_progress", "Requests not yet answered.", m.requests_in_progress);
  gauge("queued_bytes", "Bytes that wait for space in a socket.", m.queued_bytes);
  gauge("effects", "Requests whose result is remembered.", m.effects);
  write_latency(text, m);
  return std::move(text).take();
}

}  // namespace ocelot::control
