#pragma once

#include <string>

#include "tests/support/unique_fd.hpp"

namespace ocelot::test {

// A process that exchanges two paths (renameat2 with RENAME_EXCHANGE) as fast as it can, from here
// to the destructor.
class Flipper {
 public:
  Flipper(const std::string& one, const std::string& other);
  Flipper(const Flipper&) = delete;
  Flipper& operator=(const Flipper&) = delete;
  ~Flipper();

 private:
  pid_t pid_ = -1;
};

// The container's half of an attack on `path`: beside it, what it is to be exchanged with: a
// symbolic link to `target`. Returns the path of that.
std::string put_link_beside(const std::string& path, const std::string& target);

}  // namespace ocelot::test
