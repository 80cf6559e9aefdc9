#pragma once

#include "tests/support/runtime.hpp"

namespace ocelot::test {

// A container that answers each line on its standard input with the same line. When this returns
// its program has been executed: a runtime of several threads that is frozen in the middle of that
// can neither be killed nor thawed by itself.
Container start_echo(Runtime& runtime, Bundle& bundle);

// A container whose process does nothing, for others to be added to it.
class Running {
 public:
  // Of `bundle` with the process `sleep`; it need not be started.
  enum class Stop { at_created, at_running };
  explicit Running(Runtime& runtime, Bundle& bundle, Stop stop = Stop::at_running);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  Container& container() { return container_; }

  // `exec FLAGS c WORDS`.
  Output exec(const std::vector<std::string>& words, const std::vector<std::string>& flags = {},
              RunOptions options = {}) const;
  // The same, started but not waited for.
  Command exec_in_foreground(const std::vector<std::string>& words,
                             const std::vector<std::string>& flags = {},
                             RunOptions options = {}) const;
  // `exec --detach`; a pidfd of the process, to be waited for: until then the container cannot end.
  // Throws when it failed.
  UniqueFd exec_detached(const std::vector<std::string>& words,
                         const std::vector<std::string>& flags) const;
  // What the probe reports of itself; throws when it did not run.
  nlohmann::json report(const std::vector<std::string>& flags = {}, RunOptions options = {}) const;
  // The same of a process that a document describes, its args set to the probe.
  nlohmann::json report_of(nlohmann::json process,
                           const std::vector<std::string>& flags = {}) const;
  // `exec --process` with a file that holds `document`.
  Output exec_document(const std::string& document,
                       const std::vector<std::string>& flags = {}) const;

 private:
  Runtime& runtime_;
  Container container_;
};

}  // namespace ocelot::test
