#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace ocelot::oci {

// Of a CPU or a NUMA node: NR_CPUS of the largest kernel.
constexpr unsigned max_list_number = 8191;

// The numbers of a list of CPUs or NUMA nodes as the kernel writes it, ascending and each once:
// "0-3,7", and with a stride "0-15:2/4" (of each 4 the first 2). Nothing for anything else, an
// empty list included. Numbers go up to max_list_number.
std::optional<std::vector<unsigned>> parse_list(std::string_view text);

}  // namespace ocelot::oci
