#pragma once
#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

namespace ocelot::cli {

// Of the output of ps(1) the header, and the lines whose PID column holds one of `pids`, which are
// sorted. Throws Error when there is no such column, or no number in it.
std::string lines_of(std::string_view output, std::span<const pid_t> pids);

}  // namespace ocelot::cli
