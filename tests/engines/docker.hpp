#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/engines/sandbox.hpp"
#include "tests/support/command.hpp"
#include "tests/support/leftovers.hpp"

namespace ocelot::test {

// A Docker daemon of our own with contrib/engines/docker, without a network, and the busybox image.
// Its containers are in a parent cgroup that bears our mark; where systemd makes the cgroups, they
// are scopes of its slice.
class Docker {
 public:
  explicit Docker(const Sandbox& sandbox);
  ~Docker();
  Docker(const Docker&) = delete;
  // The one that the tests of this program share.
  static const Docker& instance();

  pid_t daemon() const { return daemon_->pid(); }

  // The command line `docker WORDS`, and the options to start it with.
  std::vector<std::string> command(const std::vector<std::string>& words) const;
  RunOptions options() const { return sandbox_.options(); }

  Output call(const std::vector<std::string>& words, RunOptions more = {}) const;
  // The same; throws if docker fails. Returns its output without the final newline.
  std::string must(const std::vector<std::string>& words) const;

  // The words of `run --runtime WITH --network none FLAGS busybox ARGS`.
  static std::vector<std::string> run_words(With with, const std::vector<std::string>& flags,
                                            const std::vector<std::string>& args);
  // Starts the container "box" of `sh -c SCRIPT`; waits for "up" in its logs.
  void start(With with, const std::vector<std::string>& flags, const std::string& script) const;
  void remove() const { must({"rm", "--force", "box"}); }

  static std::string cgroup_parent();
  static std::string cgroup(const std::string& id);  // of the container `id`

 private:
  const Sandbox& sandbox_;
  std::optional<Command> daemon_;
};

// Every case of Docker begins and ends with no container, and leaves nothing behind: no mount,
// process, cgroup, nor state of a runtime.
struct DockerCase {
  DockerCase();
  ~DockerCase();
  DockerCase(const DockerCase&) = delete;

  // Runs a container (and removes it) with ocelot and with runc; checks that exit code and output
  // are equal; returns what it was with ocelot.
  Output same_as_runc(const std::vector<std::string>& args,
                      const std::vector<std::string>& flags = {},
                      const RunOptions& more = {}) const;
  Output same_script(const std::string& script, const std::vector<std::string>& flags = {}) const;

  const Docker& docker;
  Leftovers before;
};

}  // namespace ocelot::test
