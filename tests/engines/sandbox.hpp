#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/command.hpp"

namespace ocelot::test {

// The runtime that an engine is told to use: the one under test ($OCELOT_RUNTIME, else the built
// ocelot), under the name "ocelot", or Debian's runc.
enum class With { Ocelot, Runc };
inline constexpr With kBoth[] = {With::Ocelot, With::Runc};

// Whether engines let systemd make the cgroups: when $OCELOT_TEST_SYSTEMD is set, in a guest of
// tests/vm whose first process it is.
bool under_systemd();

// The machine as an engine of a test sees it: the places where engines and runtimes keep their
// state
// (/run, /dev/shm, /var/lib/containers, ...) are empty file systems, mounted in this process's own
// mount namespace. So the engines can run with the very configuration that a user has, and nothing
// of an engine that the machine itself runs is seen or touched. Where systemd makes the cgroups,
// /run is the guest's, which holds systemd's sockets and nothing of an engine; the bus is started.
//
// The destructor takes it all away. What resists is a complaint (Runtime::complaints).
class Sandbox {
 public:
  Sandbox();
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // A directory for whatever a test needs.
  const std::string& directory() const { return directory_; }
  std::string operator/(const std::string& name) const { return directory_ + "/" + name; }

  // Options with a fixed environment: that of the caller must not choose what an engine does.
  RunOptions options(std::vector<std::string> environment = {}) const;

 private:
  void hide(const std::string& path, const char* mode);

  std::string directory_;
  std::vector<std::string> hidden_;
  std::vector<std::string> made_;  // directories that were not there before
};

// Writes contrib/engines/`file` to `target`, with /usr/bin/ocelot replaced by the runtime under
// test or by `runtime`.
void configure(const std::string& file, const std::string& target, std::string runtime = {});

// Waits for all descendants of this process but `daemon` to end: an engine's helpers outlive its
// command for a moment. One that stays after 20 seconds is left to be found by who looks for
// leftovers.
void wait_for_helpers(pid_t daemon = -1);

// True of an item of Leftovers that is not a container's: ocelot keeps compiled seccomp profiles in
// its root for the next container.
bool is_cache(const std::string& item);

// Removes the cgroup `path` from every hierarchy, and those which it is the parent of. Returns what
// could not be removed: processes are in it.
std::vector<std::string> remove_cgroups(const std::string& path);

// The cgroups directly below `path`, over all hierarchies, without repetition.
std::vector<std::string> cgroups_below(const std::string& path);

}  // namespace ocelot::test
