#include "shim/window_size.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace ocelot::shim {
namespace {

unsigned short dimension(const nlohmann::json& arguments, const char* name) {
  const auto value = arguments.at(name).get<std::int64_t>();
  if (value < 1 || value > 65535)
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("{}: {} is not within 1 to 65535", name, value)};
  return static_cast<unsigned short>(value);
}

}  // namespace

winsize window_size_of(const nlohmann::json& arguments) {
  winsize size{};
  size.ws_col = dimension(arguments, "width");
  size.ws_row = dimension(arguments, "height");
  return size;
}

}  // namespace ocelot::shim
