#include "tests/security/canary.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "tests/support/check.hpp"
#include "tests/support/leftovers.hpp"

namespace ocelot::test {
namespace {

std::string describe(const std::string& path) {
  struct statx facts {};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &facts) == -1)
    return path + " cannot be read";
  std::ostringstream line;
  line << path << " mode " << std::oct << facts.stx_mode << std::dec << " owner " << facts.stx_uid
       << ":" << facts.stx_gid << " links " << facts.stx_nlink << " inode " << facts.stx_ino
       << " size " << facts.stx_size << " changed " << facts.stx_ctime.tv_sec << "."
       << facts.stx_ctime.tv_nsec << " device " << facts.stx_rdev_major << ":"
       << facts.stx_rdev_minor;
  if (S_ISREG(facts.stx_mode)) line << " content " << read_file(path);
  return line.str();
}

std::vector<std::string> snapshot(const std::string& directory) {
  std::vector<std::string> lines{describe(directory)};
  for (const std::string& file : files_below(directory)) lines.push_back(describe(file));
  for (const char* setting : {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
                              "/proc/sys/kernel/domainname"})
    lines.push_back(setting + std::string{" "} + read_file(setting));
  std::istringstream mounts{read_file("/proc/self/mountinfo")};
  for (std::string line; std::getline(mounts, line);) lines.push_back("mount " + line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace

Canary::Canary() {
  write_file(directory_ / "secret", "of the host\n");
  write_file(directory_ / "null", "no device\n");
  write_file(directory_ / "ptmx", "no terminal\n");
  for (const char* name : {"/empty", "/full", "/full/inner"})
    checked(::mkdir((directory_.path() + name).c_str(), 0755), "mkdir");
  write_file(directory_ / "full/inner/file", "deep\n");
  before_ = snapshot(directory_.path());
}

std::vector<std::string> Canary::changes() const {
  const std::vector<std::string> after = snapshot(directory_.path());
  std::vector<std::string> changed;
  std::set_symmetric_difference(before_.begin(), before_.end(), after.begin(), after.end(),
                                std::back_inserter(changed));
  return changed;
}

void check_untouched(const Canary& canary) {
  const std::vector<std::string> changed = canary.changes();
  BOOST_TEST(changed.empty(), "the host was touched: " << (changed.empty() ? "" : changed.front()));
}

}  // namespace ocelot::test
