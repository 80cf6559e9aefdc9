#include "tests/security/flipper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/check.hpp"

namespace ocelot::test {

Flipper::Flipper(const std::string& one, const std::string& other) {
  pid_ = checked(::fork(), "fork");
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  for (;;) ::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
}

Flipper::~Flipper() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string put_link_beside(const std::string& path, const std::string& target) {
  const std::string link = path + ".swap";
  checked(::symlink(target.c_str(), link.c_str()), "symlink");
  return link;
}

}  // namespace ocelot::test
