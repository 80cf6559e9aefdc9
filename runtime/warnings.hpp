#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "oci/violation.hpp"

namespace ocelot {

// Logs what is wrong in `document` without being a reason to refuse it; for after oci::refuse().
void warn_of(const oci::Violations& violations, std::string_view document);

// Logs the members that were ignored, for whoever debugs: a member of a later version or of another
// runtime is no mistake. Spec: config.md#extensibility
void tell_unknown(const std::vector<std::string>& members, std::string_view document);

}  // namespace ocelot
