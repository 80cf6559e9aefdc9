#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/bundle.hpp"
#include "tests/support/command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::test {

class Runtime;

// A container made by Runtime::create, and its standard streams. It refers to its Runtime.
class Container {
 public:
  Container(Runtime& runtime, std::string id, Command command);

  const std::string& id() const { return id_; }
  Output created;  // how `create` ended; err also has what its streams carried until then

  // Host pid and pidfd of init; taken right after `create` succeeded, else -1.
  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }

  Output start();
  nlohmann::json state() const;
  Output kill(const std::string& signal = "TERM");
  Output del(std::vector<std::string> flags = {});

  // The container's standard streams, see Command.
  void write(std::string_view text) { command_.write(text); }
  void close_input() { command_.close_input(); }
  std::string read_until(std::string_view text) { return command_.read_until(text); }
  std::string read_to_end() { return command_.read_to_end(); }

  // Waits until init has ended and reaps it, if it became a child of this process.
  void wait();

 private:
  Runtime* runtime_;
  std::string id_;
  Command command_;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

// The runtime under test: $OCELOT_RUNTIME, else the built ocelot; with a --root of its own. The
// destructor deletes by force whatever containers are still there.
class Runtime {
 public:
  Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  static std::string path();
  static bool is_reference();  // another runtime than ocelot

  const std::string& root() const { return root_.path(); }

  // The command line `words` behind the program and --root.
  std::vector<std::string> command(const std::vector<std::string>& words) const;
  Output call(const std::vector<std::string>& words, RunOptions options = {}) const;

  // `run` in the foreground. Writes config.json first; the overload with a path does not.
  Output run(const Bundle& bundle, const std::string& id = "c",
             const std::vector<std::string>& flags = {}, RunOptions options = {}) const;
  Output run(const std::string& bundle_path, const std::string& id = "c",
             const std::vector<std::string>& flags = {}, RunOptions options = {}) const;
  // The same, started but not waited for.
  Command run_in_foreground(const Bundle& bundle, const std::string& id = "c",
                            const std::vector<std::string>& flags = {},
                            RunOptions options = {}) const;

  // `create`; its standard input stays open unless `options.input` has text. Check
  // `created.status`.
  Container create(const Bundle& bundle, const std::string& id = "c",
                   const std::vector<std::string>& flags = {}, RunOptions options = {});
  // The same; throws unless it succeeded.
  Container must_create(const Bundle& bundle, const std::string& id = "c",
                        const std::vector<std::string>& flags = {}, RunOptions options = {});

  Output start(const std::string& id) const { return call({"start", id}); }
  Output kill(const std::string& id, const std::string& signal = "TERM") const {
    return call({"kill", id, signal});
  }
  Output del(const std::string& id, std::vector<std::string> flags = {}) const;
  nlohmann::json state(const std::string& id) const;  // throws if `state` fails
  // "creating" .. "stopped"; "absent" if `state` fails.
  std::string status(const std::string& id) const;

  // Ids that have a directory below the root.
  std::vector<std::string> ids() const;

  // What destructors found that they could not clean up.
  static std::vector<std::string>& complaints();

 private:
  TempDir root_;
};

}  // namespace ocelot::test
