#include "oci/report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "oci/document.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* specification = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0/";

struct Located {
  std::size_t line;
  const Violation* violation;
};

std::vector<Located> locate(const Violations& violations, std::string_view text) {
  const Document document = Document::parse(text);
  std::vector<std::size_t> newlines;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    newlines.push_back(at);
  std::vector<Located> located;
  for (const Violation& violation : violations) {
    const auto before =
        std::lower_bound(newlines.begin(), newlines.end(), document.nearest(violation.path).offset);
    located.push_back({static_cast<std::size_t>(before - newlines.begin()) + 1, &violation});
  }
  std::stable_sort(located.begin(), located.end(),
                   [](const Located& a, const Located& b) { return a.line < b.line; });
  return located;
}

std::string counted(std::size_t count, const char* word) {
  return fmt::format("{} {}{}", count == 0 ? "no" : std::to_string(count), word,
                     count == 1 ? "" : "s");
}

}  // namespace

std::string violations_to_text(const Violations& violations, std::string_view document,
                               const std::string& file) {
  std::string text;
  std::size_t errors = 0;
  for (const auto& [line, violation] : locate(violations, document)) {
    errors += !violation->warning;
    text += fmt::format("{}:{}: {}: {}\n    {}\n    {}{} ({})\n\n", file, line,
                        violation->warning ? "warning" : "error",
                        violation->path.empty() ? "/" : violation->path, violation->message,
                        specification, violation->spec, violation->rule);
  }
  return text + fmt::format("{}: {}, {}\n", file, counted(errors, "error"),
                            counted(violations.size() - errors, "warning"));
}

std::string violations_to_json(const Violations& violations, std::string_view document) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const auto& [line, violation] : locate(violations, document)) {
    array.push_back({{"path", violation->path},
                     {"rule", violation->rule},
                     {"message", violation->message},
                     {"spec", violation->spec},
                     {"line", line},
                     {"warning", violation->warning}});
  }
  return array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string unreadable_to_json(const std::string& message) {
  const nlohmann::ordered_json array = {{{"path", ""},
                                         {"rule", "document"},
                                         {"message", message},
                                         {"spec", "config.md"},
                                         {"warning", false}}};
  return array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ocelot::oci
