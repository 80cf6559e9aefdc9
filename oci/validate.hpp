#pragma once
#include <string_view>

#include "oci/host_facts.hpp"
#include "oci/spec.hpp"
#include "oci/violation.hpp"

namespace ocelot::oci {

// Everything in `spec` that the document and the host's facts decide to be wrong, all at once; no
// system call.
Violations validate(const Spec& spec, const HostFacts& host);

// The same for a document that is a `process` alone: one more process of the container made from
// `container`.
Violations validate(const Process& process, const Spec& container, const HostFacts& host);
// The same for a document that is `linux.resources` alone: a change of what a container has.
Violations validate(const Resources& resources, const HostFacts& host);

// The same for a document that is `mounts` alone: more of them for the container made from
// `container`.
Violations validate(const std::vector<Mount>& mounts, const Spec& container, const HostFacts& host);
// The same for a `linux.intelRdt` that an update makes of a container's.
Violations validate(const IntelRdt& rdt, const HostFacts& host);

// What was found while reading, then what validation found and reading did not already tell about
// the same place.
Violations merge(Violations from_reading, const Violations& from_validation);

// One Error{InvalidSpec} for the violations that are no warnings (none: returns): "config.json:
// /path: message" of the first, and how many more there are, with all of them in the hint.
void refuse(const Violations& violations, std::string_view document = "config.json");

}  // namespace ocelot::oci
