#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/channel.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/procfs.hpp"
#include "runtime/root.hpp"
#include "runtime/seccomp_agent.hpp"

// The way of a process that is inside the container to the container's program. Init goes it, and
// each process that `exec` adds: one order of steps for both.
namespace ocelot {

// What execve is given, made before nothing may be allocated any more.
struct Program {
  std::string path;
  std::vector<std::string> args, env;
  std::vector<char*> argv, envp;

  Program(std::string executable, const ProcessPlan& plan, const std::string& home);
};

// A session of its own, with nothing left of the caller's signal handling; `stdio`, when there is
// any, becomes its standard streams.
void start_session(const std::vector<UniqueFd>& stdio);

// The labels that execve takes, through a procfs of the container's pid namespace; none is opened
// when there are none.
void apply_labels(const Root& root, const ProcessPlan& plan);

// From the privileges of the runtime to those of the process: no new privileges, scheduling,
// working directory, limits, filter, credentials. Throws what engines look for when the program
// cannot be found.
Program take_identity(const Root& root, const ProcessPlan& plan,
                      const std::optional<SeccompProgram>& seccomp, const Channel& channel,
                      const SeccompAgent* agent);

// Becomes the program. Whoever is at the other end of `observer` learns from its end that execve
// has happened; only when execve has failed this returns, with the exit status, and has told why.
int execute(Program& program, const ProcessPlan& plan, const std::optional<SeccompProgram>& seccomp,
            const Channel& observer, const SeccompAgent* agent);

}  // namespace ocelot
