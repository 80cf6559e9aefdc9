#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// A program that runs inside a container and says as JSON what it sees; it has no library and no
// settings. See probe.cpp for its command line.
namespace probe {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

// Parts of the report.
Json identity();                          // process: ids, capabilities, limits, descriptors
Json scheduling();                        // scheduler, I/O priority, affinity, memory policy
Json surroundings(const Words& sysctls);  // names, namespaces, mounts, devices, cgroups, terminal

// Carries out one action; its outcome has "ok" and, if it failed, "errno" as a name ("EPERM").
Json act(const Words& action);

// The outcome of a call that returned `result` with errno set if it is -1.
Json outcome(long result);

std::string slurp(const std::string& path);        // "" if it cannot be read
std::string link_target(const std::string& path);  // "" if it is no link
Json stat_of(const std::string& path);             // lstat

}  // namespace probe
