#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace ocelot::cli {

// A number of bytes, with a unit of 1024 after it or without: "512", "64k", "1.5G", "2GiB", "1 MB";
// "-1" for no limit. nullopt for anything else.
std::optional<std::int64_t> parse_size(std::string_view text);

}  // namespace ocelot::cli
