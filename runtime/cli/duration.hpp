#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace ocelot::cli {

// A length of time as Go spells it: "5s", "1.5h", "1m30s", "100ms", "0". nullopt for anything else,
// a negative one included. What is shorter than a millisecond is dropped.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace ocelot::cli
