#include "runtime/cli/text_table.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/text.hpp"

namespace ocelot::cli {

namespace {

// runc's, so that who cuts its output at columns finds the same ones.
constexpr std::size_t least_width = 12, gap = 3;

}  // namespace

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), least_width);
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], printable(row[i]).size() + gap);
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      text += fmt::format("{:<{}}", printable(row[i]), last ? 0 : widths[i]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace ocelot::cli
