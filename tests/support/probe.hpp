#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/bundle.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {

// One action of the probe and its arguments, see probe/actions.cpp: {"read", "/etc/passwd"}.
using Action = std::vector<std::string>;

// The arguments with which a bundle's process is the probe doing `actions`.
std::vector<std::string> probe_args(const std::vector<Action>& actions);

// Runs the bundle with the probe as its process and returns the report: what the process saw.
// Throws, with the runtime's words, unless `run` succeeds.
nlohmann::json report(const Runtime& runtime, Bundle& bundle,
                      const std::vector<std::string>& sysctls = {},
                      const std::vector<std::string>& flags = {}, RunOptions options = {});

// Runs the bundle with the probe carrying out `actions`; one outcome each, in order.
nlohmann::json act(const Runtime& runtime, Bundle& bundle, const std::vector<Action>& actions,
                   const std::vector<std::string>& flags = {}, RunOptions options = {});

// The mount at `point` in a report that is on top there; null if there is none.
nlohmann::json mount_in(const nlohmann::json& report, const std::string& point);

// True if `option` is among the comma-separated options of a mount.
bool has_option(const nlohmann::json& mount, const std::string& option);

// The value of `name` in a report's environment; null if it is not set.
nlohmann::json variable_in(const nlohmann::json& report, const std::string& name);

// What a process sees that is not in a container: the probe run by this process.
nlohmann::json host_report();

}  // namespace ocelot::test
