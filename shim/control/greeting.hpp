#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The fixed payloads: what the two ends tell one another that is no request.
namespace ocelot::control {

// Chosen by the client, from the kernel's random numbers; it stays the same when the client
// reconnects, so that its repeats are known as such.
using SessionToken = std::array<char, 16>;
SessionToken random_session();

std::string hello(const SessionToken& session);
std::optional<SessionToken> read_hello(std::string_view payload) noexcept;

struct Welcome {
  std::uint64_t instance = 0;    // of the server: another one numbers its events anew
  std::uint64_t next_event = 0;  // the number of the event that will be published next

  bool operator==(const Welcome&) const = default;
};
std::string welcome(const Welcome& values);
std::optional<Welcome> read_welcome(std::string_view payload) noexcept;

// A packet, by how many had come on this connection before it.
std::string resend(std::uint64_t ordinal);
std::optional<std::uint64_t> read_resend(std::string_view payload) noexcept;

}  // namespace ocelot::control
