#pragma once
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"

// The processes of exec that run, written down before their programs are executed, for a shim that
// adopts the container: a file of its name for each, in `execs` in the state directory.
namespace ocelot::shim {

// Throws Error, and then the process is not to be let go: the next shim would not know of it.
void note_exec(int state_directory, const std::string& name, pid_t pid, int pidfd);
// It has ended, or will not be.
void drop_exec_note(int state_directory, const std::string& name) noexcept;

struct NotedExec {
  std::string name;
  pid_t pid;
  UniqueFd pidfd;
};
// Those that still run. The notes of others, and what is no note, are removed.
std::vector<NotedExec> noted_execs(int state_directory);

}  // namespace ocelot::shim
