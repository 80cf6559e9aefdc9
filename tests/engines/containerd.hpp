#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/engines/sandbox.hpp"
#include "tests/support/command.hpp"
#include "tests/support/leftovers.hpp"

namespace ocelot::test {

// A containerd of our own with contrib/engines/containerd, and two images: busybox, and one that
// runs as alice. Its containers are in a namespace of containerd, so in a cgroup, that bears our
// mark; where systemd makes the cgroups, they are scopes that bear it.
class Containerd {
 public:
  explicit Containerd(const Sandbox& sandbox);
  ~Containerd();
  // The one that the tests of this program share.
  static const Containerd& instance();

  const Sandbox& sandbox() const { return sandbox_; }
  pid_t daemon() const { return daemon_->pid(); }

  // The command line `ctr WORDS`, and the options to start it with.
  std::vector<std::string> command(const std::vector<std::string>& words) const;
  RunOptions options() const;

  Output call(const std::vector<std::string>& words, RunOptions more = {}) const;
  // The same; throws if ctr fails. Returns its output without the final newline.
  std::string must(const std::vector<std::string>& words) const;

  // The words of `run --runc-binary WITH FLAGS IMAGE c ARGS`.
  std::vector<std::string> run_words(With with, const std::vector<std::string>& flags,
                                     const std::vector<std::string>& args) const;
  // Starts `run -d` of `sh -c SCRIPT` as the container "c", which logs to log(); waits for "up"
  // there.
  void start(With with, const std::vector<std::string>& flags, const std::string& script) const;
  std::string log() const;

  // Kills the task "c", which runs, and removes it and its container.
  void end() const;

  // "RUNNING", "STOPPED", ... of the task "c"; empty if there is none.
  std::string status() const;
  pid_t pid() const;
  void wait_until_stopped() const;

  static std::string name();    // of containerd's namespace
  static std::string cgroup();  // of the task "c"
  static std::string binary(With with);
  static std::string bundle();  // of the task "c"

 private:
  const Sandbox& sandbox_;
  std::optional<Command> daemon_;
};

// Every case of containerd begins and ends with no container, and leaves nothing behind: no mount,
// process, cgroup, nor state of a runtime.
struct ContainerdCase {
  ContainerdCase();
  ~ContainerdCase();
  ContainerdCase(const ContainerdCase&) = delete;

  Output same_as_runc(const std::string& script, const std::vector<std::string>& flags = {},
                      const RunOptions& more = {});
  Output same_as_runc_args(const std::vector<std::string>& args,
                           const std::vector<std::string>& flags = {}, const RunOptions& more = {});
  // What `run` gives with ocelot, checked to be what it gives with the reference.
  static Output same_of_both(const std::function<Output(With)>& run);

  const Containerd& containerd;
  Leftovers before;
};

}  // namespace ocelot::test
