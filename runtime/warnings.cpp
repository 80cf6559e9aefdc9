#include "runtime/warnings.hpp"

#include <fmt/core.h>

#include "runtime/base/log.hpp"

namespace ocelot {

void warn_of(const oci::Violations& violations, std::string_view document) {
  for (const oci::Violation& violation : violations) {
    // Of capabilities the plan tells more exactly: it knows the caller's own.
    if (!violation.rule.starts_with("capability-"))
      log::warning(fmt::format("{}: {}: {}", document, violation.path, violation.message));
  }
}

void tell_unknown(const std::vector<std::string>& members, std::string_view document) {
  if (!log::debugging()) return;
  for (const std::string& member : members)
    log::debug(fmt::format("{}: {}: is unknown, ignored", document, member));
}

}  // namespace ocelot
