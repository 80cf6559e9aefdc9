#pragma once
#include <string>

#include "runtime/operations.hpp"

namespace ocelot::cli {

// One object, indented by two, without a newline at its end. Members that have no value are left
// out, but for those that the specification requires and pid, which is 0 when there is no process.
//
// Spec: runtime.md#state
std::string state_json(const ContainerState& state);

}  // namespace ocelot::cli
