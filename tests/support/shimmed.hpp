#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/runtime.hpp"

namespace ocelot::test {

// A container with a shim of its own, and pidfds of both.
class Shimmed {
 public:
  enum class Until { created, running };
  // `create --shim` or `run --detach --shim` with `flags` more. Throws when that fails.
  Shimmed(const Runtime& runtime, const Bundle& bundle, const std::vector<std::string>& flags = {},
          Until until = Until::running, const std::string& id = "c");
  Shimmed(const Shimmed&) = delete;
  Shimmed& operator=(const Shimmed&) = delete;
  ~Shimmed();

  pid_t pid() const { return pid_; }
  pid_t shim_pid() const { return shim_pid_; }
  int pidfd() const { return pidfd_.get(); }
  int shim_pidfd() const { return shim_pidfd_.get(); }
  std::string directory() const { return runtime_.root() + "/" + id_; }

  // `VERB ID WORDS`, as `exec --detach` has flags before the id: `{"exec", "-d"}`.
  Output call(std::vector<std::string> verb, const std::vector<std::string>& words = {},
              RunOptions options = {}) const;
  // What `wait --format json` prints when the process has ended.
  nlohmann::json wait() const;
  nlohmann::json exit_file() const;
  nlohmann::json shim_status() const;
  // `delete --force`, and both processes are gone.
  void remove() const;
  void wait_for_shim() const { wait_for_end(shim_pidfd_.get()); }

 private:
  const Runtime& runtime_;
  const std::string id_;
  pid_t pid_ = -1, shim_pid_ = -1;
  UniqueFd pidfd_, shim_pidfd_;
};

}  // namespace ocelot::test
