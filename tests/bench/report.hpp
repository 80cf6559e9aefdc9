#pragma once

#include "tests/bench/measure.hpp"
#include "tests/bench/view.hpp"

namespace ocelot::bench {

// Median, 95th percentile and least time, processor time and page faults of every verb and runtime,
// with the medians' ratios to crun's and to the floor's. On a machine that does other things too,
// the processor time is what to compare.
void print_samples(const std::vector<Runtime>& runtimes, const Samples& samples);

// Prints them; true if one is not known.
bool print_differences(const Runtime& runtime, const std::vector<Difference>& differences);

// Runs every verb of every runtime once under `strace -f -c` and prints the calls by name.
void print_system_calls(const std::string& strace, const std::vector<Runtime>& runtimes,
                        const Scene& scene);

}  // namespace ocelot::bench
