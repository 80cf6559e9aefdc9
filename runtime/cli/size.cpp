#include "runtime/cli/size.hpp"

#include <cmath>
#include <cstdlib>
#include <string>

namespace ocelot::cli {

namespace {

constexpr std::string_view units = "kmgtp";
constexpr double too_large = 9.2e18;

std::string lower(std::string_view text) {
  std::string lowered;
  for (const char c : text) lowered += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return lowered;
}

// The factor that a unit stands for: "", "b", "k", "kb", "kib".
std::optional<double> factor(std::string_view unit) {
  if (unit.empty() || unit == "b") return 1;
  const std::size_t power = units.find(unit.front());
  const std::string_view rest = unit.substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib"))
    return std::nullopt;
  return std::pow(1024.0, static_cast<double>(power + 1));
}

}  // namespace

std::optional<std::int64_t> parse_size(std::string_view text) {
  if (text == "-1") return -1;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string number(text.substr(0, digits));
  std::string_view unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  const std::string lowered = lower(unit);
  const auto times = factor(lowered);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (!times || number.empty() || number == "." || *end != '\0') return std::nullopt;
  if (!(value * *times < too_large)) return std::nullopt;
  return static_cast<std::int64_t>(value * *times);
}

}  // namespace ocelot::cli
