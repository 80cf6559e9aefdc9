#pragma once
#include "cgroups/systemd/request.hpp"
#include "runtime/base/process.hpp"

namespace ocelot::cgroups::systemd {

// ocelot-systemd, which speaks D-Bus: a program of its own, since there is no static library that
// does, and run only when systemd is wanted.
class Helper {
 public:
  Helper() = default;
  // Has `request` carried out. Throws Error with what the service manager, or the helper, says
  // against it. After a start the process that is in the unit lives as long as this.
  explicit Helper(const Request& request);

  // The helper's process: the one in the unit.
  pid_t pid() const { return process_.pid(); }
  const std::vector<std::string>& ignored() const { return answer_.ignored; }

 private:
  std::string receive_answer();

  UniqueFd connection_;
  ChildProcess process_;
  Answer answer_;
};

// Whether it is installed.
bool has_helper();

}  // namespace ocelot::cgroups::systemd
