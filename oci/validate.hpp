#pragma once
#include "oci/host_facts.hpp"
#include "oci/spec.hpp"
#include "oci/violation.hpp"

namespace ocelot::oci {

// Everything in `spec` that the document and the host's facts decide to be wrong, all at once; no system call.
Violations validate(const Spec& spec, const HostFacts& host);

// One Error{InvalidSpec} for the violations that are no warnings (none: returns): "config.json: /path: message" of the first, and how
// many more there are, with all of them in the hint.
void refuse(const Violations& violations);

}  // namespace ocelot::oci
