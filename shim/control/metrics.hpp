#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "shim/control/frame.hpp"
#include "shim/control/operations.hpp"

// Counters of the control socket, since the server was made.
namespace ocelot::control {

enum class Refusal : std::uint8_t {
  NoRole,      // the credential, at accept or of a packet
  Permission,  // of the operation
  UnknownOperation,
  Descriptors,  // more than the operation takes
  Connections,  // as many as there may be
  ConnectionsOfUid,
  RequestsInProgress,  // of one connection
  OtherPayload,        // the id stands for another request already
  Forgotten,           // a repeat that comes after its result was dropped
  EffectsFull,
  Protocol,  // the connection was closed for what it sent
};
inline constexpr std::size_t refusals = 11;
const char* describe(Refusal refusal) noexcept;

// Times by powers of two of a microsecond.
class Histogram {
 public:
  static constexpr std::size_t buckets = 24;  // the last has no upper bound

  Histogram() = default;
  Histogram(const std::array<std::uint32_t, buckets>& counts, std::uint64_t sum_us)
      : counts_(counts), sum_us_(sum_us) {}
  void add(std::chrono::nanoseconds time) noexcept;
  std::uint64_t count() const noexcept;
  std::uint64_t sum_us() const noexcept { return sum_us_; }
  std::uint32_t in_bucket(std::size_t bucket) const noexcept { return counts_[bucket]; }
  const std::array<std::uint32_t, buckets>& counts() const noexcept { return counts_; }
  // The upper bound, in microseconds, of the bucket that the given share (0 to 1) falls into.
  std::uint64_t quantile_us(double share) const noexcept;

 private:
  std::array<std::uint32_t, buckets> counts_{};
  std::uint64_t sum_us_ = 0;
};

struct Metrics {
  std::uint64_t connections_accepted = 0, connections_closed = 0;
  std::uint64_t packets_received = 0, bytes_received = 0, receive_calls = 0;
  std::uint64_t packets_sent = 0, bytes_sent = 0, send_calls = 0, sends_blocked = 0;
  std::uint64_t fragments_received = 0, messages_expired = 0;
  std::uint64_t requests = 0, replies = 0;
  std::uint64_t repeats_attached = 0, repeats_answered = 0;  // no second effect
  std::uint64_t events_published = 0, events_sent = 0, events_missed = 0;
  std::array<std::uint64_t, damages> damaged{};
  std::array<std::uint64_t, refusals> refused{};
  std::array<Histogram, operations> latency{};
  // As they are now.
  std::uint64_t connections = 0, requests_in_progress = 0, queued_bytes = 0, effects = 0;

  std::uint64_t resends() const noexcept;
  std::uint64_t refused_altogether() const noexcept;
};

// The text format of Prometheus, each line with the label container="ID".
std::string prometheus_text(const Metrics& metrics, std::string_view container);

}  // namespace ocelot::control
