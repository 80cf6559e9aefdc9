#pragma once

#include <string>
#include <vector>

#include "tests/engines/ordinary_user.hpp"
#include "tests/engines/sandbox.hpp"
#include "tests/support/command.hpp"
#include "tests/support/leftovers.hpp"

namespace ocelot::test {

// podman with contrib/engines/podman, a store of its own and the busybox image; root's, or that of
// an ordinary user.
class Podman {
 public:
  explicit Podman(const Sandbox& sandbox, const OrdinaryUser* user = nullptr);
  // The one that the tests of this program share.
  static const Podman& instance();

  const Sandbox& sandbox() const { return sandbox_; }

  // Makes the image of what keeps a pod's namespaces, which contrib/engines leaves to podman.
  void make_pause_image() const;

  // The command line `podman WORDS`, and the options to start it with.
  std::vector<std::string> command(const std::vector<std::string>& words) const;
  RunOptions options() const;

  Output call(const std::vector<std::string>& words, RunOptions more = {}) const;
  // The same; throws if podman fails. Returns its output without the final newline.
  std::string must(const std::vector<std::string>& words) const;

  // The words of `run --rm FLAGS busybox ARGS`, without a network unless FLAGS have one.
  std::vector<std::string> run_words(With with, const std::vector<std::string>& flags,
                                     const std::vector<std::string>& args) const;
  // Starts `run -d --name NAME --network none FLAGS busybox sh -c SCRIPT`; waits for "up" in its
  // logs.
  void start(With with, const std::string& name, const std::vector<std::string>& flags,
             const std::string& script) const;

 private:
  const Sandbox& sandbox_;
  const OrdinaryUser* user_;
  std::string config_, storage_config_;
};

// Every case of podman begins and ends with no container, and leaves nothing behind: no mount,
// process, cgroup, nor state of a runtime.
struct PodmanCase {
  PodmanCase();
  ~PodmanCase();
  PodmanCase(const PodmanCase&) = delete;

  // Runs a container (and removes it) with ocelot and with runc; checks that exit code and output
  // are equal; returns what it was with ocelot. The container's command is `sh -c SCRIPT`.
  Output same_as_runc(const std::string& script, const std::vector<std::string>& flags = {},
                      const RunOptions& more = {});
  Output same_as_runc_args(const std::vector<std::string>& args,
                           const std::vector<std::string>& flags = {}, const RunOptions& more = {});

  const Podman& podman;
  Leftovers before;
};

}  // namespace ocelot::test
