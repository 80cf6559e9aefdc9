#pragma once

#include <map>
#include <vector>

#include "tests/bench/runtimes.hpp"

namespace ocelot::bench {

// One execution of a command, from before it was spawned until it was reaped.
struct Sample {
  double wall_ms;
  double cpu_ms;  // its own and that of the processes it reaped
  long faults;    // page faults, likewise
};

struct Options {
  unsigned rounds = 200;
  unsigned pause_ms = 0;  // before every measured command
  // A write to cgroup.procs waits for an RCU grace period, about 10 ms, unless another has been
  // before it a moment ago. Quiet: everyone pays for what it does. Busy: there always was another.
  enum class Machine { Quiet, Busy } machine = Machine::Busy;
};

// samples[runtime][verb]
using Samples = std::vector<std::map<Verb, std::vector<Sample>>>;

// Every round runs every verb of every runtime once, each round beginning with another runtime, so
// that all see the same machine. Throws std::runtime_error with what a failed command wrote.
// The caller must be a subreaper: it waits for the process of a created container.
Samples measure(const std::vector<Runtime>& runtimes, const Scene& scene, const Options& options);

// Takes the lock that guards migration between cgroups, and thereby its wait, upon the caller.
void migrate_to_where_we_are(const Scene& scene);

// Spawns `argv` with no input and no output, and waits for it.
Sample execute(const std::vector<std::string>& argv);

}  // namespace ocelot::bench
