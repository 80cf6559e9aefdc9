#pragma once
#include <span>
#include <string>
#include <string_view>

#include "runtime/operations.hpp"

namespace ocelot::cli {

// One object, indented by two, without a newline at its end. Members that have no value are left
// out, but for those that the specification requires and pid, which is 0 when there is no process.
//
// Spec: runtime.md#state
std::string state_json(const ContainerState& state);

// What `list` calls the status of a container whose state file cannot be read.
inline constexpr std::string_view damaged = "damaged";

// The same objects as an array on one line, which a newline ends.
std::string list_json(std::span<const ListedContainer> containers);

}  // namespace ocelot::cli
