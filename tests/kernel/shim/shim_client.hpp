#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "shim/control/client.hpp"
#include "tests/support/shimmed.hpp"

namespace ocelot::test {

// A bare connection to the shim of container "c".
ocelot::UniqueFd connect_to_shim(const Runtime& runtime);
// The library's client of it.
control::Client client_of(const Runtime& runtime);
// The answer, waited for; throws the error that it is.
nlohmann::json ask(control::Client& client, const std::string& document);

// A container with a shim whose process counts a signal: each kill(2) with it is one more.
class Counter {
 public:
  explicit Counter(const Runtime& runtime);

  const Shimmed& shimmed() const { return shimmed_; }
  // One more. {"operation":"kill", ...}; `tag` makes it another document and has no meaning.
  static std::string hit(unsigned long tag = 0);
  // Ends the process; the number of signals it got.
  unsigned long count() const;

 private:
  TempDir files_;
  Bundle bundle_;
  Shimmed shimmed_;
};

// What is the process's own of its memory.
long private_dirty_kib(pid_t pid);

// How often the shim was asked for `operation` and did it, a repeat not counted. By its own count.
unsigned long served(const nlohmann::json& status, const std::string& operation);

}  // namespace ocelot::test
