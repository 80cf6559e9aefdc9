#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

namespace ocelot::test {

// What is there at one moment: mounts of this mount namespace, cgroup directories, living processes
// below this one, and files below `directories`.
//
// Scope::Ours looks at the cgroups that bear this process's mark (see cgroups.hpp), so that tests
// may run side by side; Scope::Machine looks at all.
class Leftovers {
 public:
  enum class Scope { Ours, Machine };

  explicit Leftovers(std::vector<std::string> directories = {}, Scope scope = Scope::Ours);

  // What is there now and was not there then, one line each. A process that is about to end is
  // waited for, for a second at most.
  std::vector<std::string> since() const;

 private:
  std::set<std::string> now() const;

  std::vector<std::string> directories_;
  Scope scope_;
  std::set<std::string> before_;
};

// Orphans of what we start become children of this process, and so are found by Leftovers.
void become_subreaper();

// Waits for the end of all children of this process but `stays`, orphans among them, and reaps
// them, as the init of a host does: a pid namespace does not end before its zombies are gone.
// Throws if one does not end.
void reap_children_but(pid_t stays);

// Gives this process a mount table of its own (if it may), which others' mounts still reach but
// which hands none back. So a mount that a runtime forgets is seen here and nowhere else.
void isolate_mounts();

// All paths below `directory`, sorted.
std::vector<std::string> files_below(const std::string& directory);

// Living descendants of this process, as "PID COMM".
std::vector<std::string> living_descendants();

}  // namespace ocelot::test
