#pragma once
#include "oci/bundle.hpp"
#include "oci/violation.hpp"
#include "runtime/host.hpp"

namespace ocelot::cli {

// What create would stop at though each member by itself is as the specification has it: parts that
// cannot be put together, values that this host's cgroups or libseccomp do not take, files of the
// host that are not there. Nothing is made. Only for a bundle without violations that refuse it.
oci::Violations foreseen(const GlobalOptions& global, const oci::Bundle& bundle, const Host& host);

}  // namespace ocelot::cli
