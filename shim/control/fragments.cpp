#include "shim/control/fragments.hpp"

#include <algorithm>

namespace ocelot::control {

std::uint16_t fragment_count(std::size_t bytes, std::size_t packet_bytes) noexcept {
  const std::size_t room = packet_bytes - header_bytes;
  return static_cast<std::uint16_t>(std::max<std::size_t>(1, (bytes + room - 1) / room));
}

std::string_view fragment(std::string_view bytes, std::size_t packet_bytes,
                          std::uint16_t index) noexcept {
  const std::size_t room = packet_bytes - header_bytes;
  return bytes.substr(std::min(bytes.size(), index * room), room);
}

Reassembler::Outcome Reassembler::add(const Frame& frame, std::vector<UniqueFd> fds, Role role,
                                      Clock::time_point now, Message& message) {
  const Header& header = frame.header;
  if (header.count == 1) {
    message = {.type = header.type,
               .id = header.id,
               .repeated = header.repeated,
               .bytes = std::string{frame.payload},
               .fds = std::move(fds),
               .role = role};
    return Outcome::Complete;
  }

  auto found = std::find_if(partial_.begin(), partial_.end(), [&](const Partial& partial) {
    return partial.message.id == header.id && partial.message.type == header.type;
  });
  if (found == partial_.end()) {
    if (partial_.size() >= limits_->partial_messages) return Outcome::TooMany;
    Partial fresh;
    fresh.message = {
        .type = header.type, .id = header.id, .repeated = header.repeated, .role = role};
    fresh.count = header.count;
    fresh.parts.resize(header.count);
    fresh.has.resize(header.count);
    fresh.since = now;
    partial_.push_back(std::move(fresh));
    found = partial_.end() - 1;
  }

  Partial& partial = *found;
  if (partial.count != header.count) {
    partial_.erase(found);
    return Outcome::Mismatch;
  }
  if (partial.has[header.index]) return Outcome::Partial;
  partial.bytes += frame.payload.size();
  if (partial.bytes > max_message_bytes) {
    partial_.erase(found);
    return Outcome::TooLong;
  }
  partial.has[header.index] = true;
  partial.parts[header.index] = std::string{frame.payload};
  partial.message.role = std::min(partial.message.role, role);
  if (header.index == 0) partial.message.fds = std::move(fds);
  if (++partial.present < partial.count) return Outcome::Partial;
  return join(static_cast<std::size_t>(found - partial_.begin()), message);
}

Reassembler::Outcome Reassembler::join(std::size_t at, Message& message) {
  Partial& partial = partial_[at];
  message = std::move(partial.message);
  message.bytes.reserve(partial.bytes);
  for (std::string& part : partial.parts) {
    message.bytes += part;
    part = {};  // so that there are never two copies of a large message
  }
  partial_.erase(partial_.begin() + static_cast<std::ptrdiff_t>(at));
  return Outcome::Complete;
}

unsigned Reassembler::expire(Clock::time_point now) {
  return static_cast<unsigned>(std::erase_if(partial_, [&](const Partial& partial) {
    return now - partial.since >= limits_->partial_message_age;
  }));
}

Clock::time_point Reassembler::next_expiry() const noexcept {
  Clock::time_point next = Clock::time_point::max();
  for (const Partial& partial : partial_)
    next = std::min(next, partial.since + limits_->partial_message_age);
  return next;
}

std::size_t Reassembler::bytes() const noexcept {
  std::size_t sum = 0;
  for (const Partial& partial : partial_) sum += partial.bytes;
  return sum;
}

}  // namespace ocelot::control
