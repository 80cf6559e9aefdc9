#pragma once

#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace ocelot::test {

// What an attack must not reach: a host directory with known files, some kernel settings of the
// host, and the mounts of this process.
class Canary {
 public:
  Canary();

  const std::string& path() const { return directory_.path(); }
  std::string operator/(const std::string& name) const { return directory_ / name; }

  // What is not as it was, one line each: a file's type, mode, owner, size, time or content, a new
  // or missing one, a setting, a mount.
  std::vector<std::string> changes() const;

 private:
  TempDir directory_;
  std::vector<std::string> before_;
};

// Checks that nothing has changed, with the first change in the message.
void check_untouched(const Canary& canary);

}  // namespace ocelot::test
