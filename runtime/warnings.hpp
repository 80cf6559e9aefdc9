#pragma once
#include <string_view>

#include "oci/violation.hpp"

namespace ocelot {

// Logs what is wrong in `document` without being a reason to refuse it; for after oci::refuse().
void warn_of(const oci::Violations& violations, std::string_view document);

}  // namespace ocelot
