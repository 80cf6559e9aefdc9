#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "shim/control/client.hpp"
#include "tests/bench/echo.hpp"
#include "tests/bench/scene.hpp"

namespace ocelot::bench {

// A container of ocelot's with a shim, and a connection to that which stays. Made and started by
// the constructor, deleted by the destructor. Throws std::runtime_error.
class Served {
 public:
  Served(const std::string& ocelot, const std::string& bundle, std::string id);
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served();

  pid_t shim_pid() const { return shim_pid_; }
  // The answer, waited for; throws the error that it is.
  std::string ask(const std::string& document);
  // Runs `true` in the container, until its end is told.
  void run_true();
  std::vector<std::string> command(std::vector<std::string> words) const;

 private:
  std::string ocelot_, id_;
  std::optional<control::Client> client_;
  pid_t shim_pid_ = -1;
};

// Of a process, in KiB.
struct Memory {
  long private_dirty = 0, private_clean = 0, pss = 0;
};
Memory memory_of(pid_t pid);

// A container of another runtime, running; deleted by the destructor.
class Other {
 public:
  Other(std::string program, const std::string& bundle);
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  ~Other();
  // `PROGRAM VERB ID WORDS`, to its end.
  void call(const std::string& verb, const std::vector<std::string>& words = {}) const;

 private:
  std::string program_, id_;
};

}  // namespace ocelot::bench
