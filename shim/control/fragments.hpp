#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"
#include "shim/control/authority.hpp"
#include "shim/control/frame.hpp"
#include "shim/control/limits.hpp"

// Messages longer than a packet. Pure but for the descriptors it owns.
namespace ocelot::control {

using Clock = std::chrono::steady_clock;

// A whole message, as it was sent.
struct Message {
  Type type = Type::Request;
  std::uint64_t id = 0;
  bool repeated = false;
  std::string bytes;
  std::vector<UniqueFd> fds;
  Role role = Role::None;  // the least of those that sent its fragments
};

// How many packets of `packet_bytes` a message of `bytes` takes; at least 1.
std::uint16_t fragment_count(std::size_t bytes, std::size_t packet_bytes) noexcept;
// The part of a message that travels in packet `index`.
std::string_view fragment(std::string_view bytes, std::size_t packet_bytes,
                          std::uint16_t index) noexcept;

// Puts the fragments of one connection's messages together again, in whatever order they come.
class Reassembler {
 public:
  explicit Reassembler(const Limits& limits) : limits_(&limits) {}

  enum class Outcome {
    Partial,   // more fragments are needed
    Complete,  // `message` is whole
    TooLong,   // a message longer than max_message_bytes
    TooMany,   // more messages at once than may be in parts
    Mismatch,  // a fragment that does not belong to the others of its message
  };
  // A fragment that came twice changes nothing. On anything but Partial or Complete all that there
  // was of the message is dropped, its descriptors closed.
  Outcome add(const Frame& frame, std::vector<UniqueFd> fds, Role role, Clock::time_point now,
              Message& message);

  // Drops messages whose first fragment to come is too long ago; how many there were.
  unsigned expire(Clock::time_point now);
  // When expire() has something to do.
  Clock::time_point next_expiry() const noexcept;

  std::size_t partial_messages() const noexcept { return partial_.size(); }
  std::size_t bytes() const noexcept;

 private:
  struct Partial {
    Message message;
    std::uint16_t count = 0, present = 0;
    std::size_t bytes = 0;
    std::vector<std::string> parts;
    std::vector<bool> has;
    Clock::time_point since;
  };
  Outcome join(std::size_t at, Message& message);

  const Limits* limits_;
  std::vector<Partial> partial_;
};

}  // namespace ocelot::control
