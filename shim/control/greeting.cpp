#include "shim/control/greeting.hpp"

#include <algorithm>

#include "runtime/base/sys_network.hpp"
#include "shim/control/little_endian.hpp"

namespace ocelot::control {

SessionToken random_session() {
  SessionToken session;
  sys::random_bytes(session);
  return session;
}

std::string hello(const SessionToken& session) {
  return {session.data(), session.size()};
}

std::optional<SessionToken> read_hello(std::string_view payload) noexcept {
  SessionToken session;
  if (payload.size() != session.size()) return std::nullopt;
  std::copy(payload.begin(), payload.end(), session.begin());
  return session;
}

std::string welcome(const Welcome& values) {
  std::string payload(16, '\0');
  put(payload.data(), values.instance);
  put(payload.data() + 8, values.next_event);
  return payload;
}

std::optional<Welcome> read_welcome(std::string_view payload) noexcept {
  if (payload.size() != 16) return std::nullopt;
  return Welcome{get<std::uint64_t>(payload.data()), get<std::uint64_t>(payload.data() + 8)};
}

std::string resend(std::uint64_t ordinal) {
  std::string payload(8, '\0');
  put(payload.data(), ordinal);
  return payload;
}

std::optional<std::uint64_t> read_resend(std::string_view payload) noexcept {
  if (payload.size() != 8) return std::nullopt;
  return get<std::uint64_t>(payload.data());
}

}  // namespace ocelot::control
