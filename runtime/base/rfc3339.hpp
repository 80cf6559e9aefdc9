#pragma once
#include <chrono>
#include <string>

namespace ocelot {

// "2026-11-24T11:00:00.123456789Z": UTC, nanoseconds.
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace ocelot
