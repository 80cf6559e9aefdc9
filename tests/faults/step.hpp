#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::test {

// What the stepper (stepper.cpp) does at the entry of a system call.
struct StepOptions {
  enum class Kill { nobody, main, stopped };

  long at = 0;  // the N-th call of the whole tree; 0 is every one
  Kill kill = Kill::nobody;
  std::pair<std::string, std::string> exchange = {};
  RunOptions run = {};
};

struct Stepped {
  Output output;
  long calls = 0;    // that were seen
  std::string last;  // the number of the call at which something was done, and "main" or "other"
};

// Runs `command` under the stepper.
Stepped step(const std::vector<std::string>& command, StepOptions options = {});

// The same with a process that is there, and whatever it starts, from the end of the constructor
// on.
class Stepping {
 public:
  Stepping(pid_t pid, const StepOptions& options = {});
  // Lets all go on, those that were not killed.
  Stepped stop();

 private:
  TempDir files_;
  Command stepper_;
};

// The calls 1 to `count` at which a test acts: all of them where $OCELOT_EVERY_CALL is set, else
// about `sample` of them, evenly spread, and always the first and the last.
std::vector<long> calls_to_stop_at(long count, long sample);

}  // namespace ocelot::test
