#pragma once

#include <functional>

#include "tests/faults/step.hpp"
#include "tests/support/bundle.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {

// What must hold after any interruption of an operation on the container "c": `state` answers
// within a second, `delete --force` leaves nothing, and the id is free.
class Oracle {
 public:
  // `create` makes the container anew, to see whether its id is free.
  Oracle(Runtime& runtime, std::function<Container()> create);

  // `where` tells in a failure which interruption it was.
  void judge(const std::string& where);

 private:
  void check_state();
  void check_id_is_free();

  Runtime& runtime_;
  std::function<Container()> create_;
  const Leftovers before_{{runtime_.root()}};
};

std::string at(const Stepped& stepped, long call);

struct Interruption {
  // Called before each command, then asked for it.
  std::function<void()> set_up = [] {};
  std::function<std::vector<std::string>()> command;
  std::function<Container()> create;
  StepOptions::Kill kill = StepOptions::Kill::main;
  // What else must hold of each, after the oracle has spoken.
  std::function<void()> judge = [] {};
  long sample = 30;  // of the calls, see calls_to_stop_at()
};

// Interrupts the command at each call, one after the other, and has an Oracle judge what is left.
void interrupt(Runtime& runtime, const Interruption& interruption);

}  // namespace ocelot::test
