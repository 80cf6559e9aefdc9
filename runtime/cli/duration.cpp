#include "runtime/cli/duration.hpp"

#include <cmath>
#include <cstdlib>
#include <string>

namespace ocelot::cli {

namespace {

// The longest unit that fits first: "ms" is no minute.
struct Unit {
  std::string_view name;
  double milliseconds;
};
constexpr Unit units[] = {{"ms", 1},  {"us", 1e-3}, {"ns", 1e-6},
                          {"s", 1e3}, {"m", 6e4},   {"h", 3.6e6}};

constexpr double longest = 1e12;  // thirty years

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds{0};
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string number(text.substr(0, digits));
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (number.empty() || number == "." || *end != '\0') return std::nullopt;
    text.remove_prefix(digits);
    const Unit* unit = nullptr;
    for (const Unit& known : units) {
      if (unit == nullptr && text.starts_with(known.name)) unit = &known;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += value * unit->milliseconds;
    if (!(total <= longest)) return std::nullopt;
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
}

}  // namespace ocelot::cli
