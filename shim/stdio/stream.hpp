#pragma once
#include <string_view>

namespace ocelot::shim {

// Where a byte of output was written to. A terminal has only the first.
enum class Stream { output, error };

constexpr std::size_t index(Stream stream) {
  return stream == Stream::output ? 0 : 1;
}
constexpr std::string_view name(Stream stream) {
  return stream == Stream::output ? "stdout" : "stderr";
}

}  // namespace ocelot::shim
