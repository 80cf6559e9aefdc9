#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cli/arguments.hpp"

namespace ocelot::cli {

// One invocation of the program: finds the command, makes its options out of the words, and calls
// it.
class Program {
 public:
  explicit Program(std::span<char* const> argv);  // null-terminated, as main() gets it

  // The exit status. Throws Error (UsageError when the words are wrong); the log is open by then,
  // unless they are wrong before the command's name.
  int run();

  // What goes before the text of an error: "ocelot create failed: ", or nothing.
  std::string error_prefix() const;
  // The exit status when run() has thrown.
  int failure_status() const;

 private:
  std::string_view name_;  // "ocelot"; "runc" when called by that name, since callers parse the
                           // first line of --version
  std::span<char* const> argv_;
  std::vector<std::string_view> words_;
  const Command* command_ = nullptr;  // once its words are known to be right
};

}  // namespace ocelot::cli
