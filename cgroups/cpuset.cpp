#include "cgroups/cpuset.hpp"

#include <fcntl.h>

#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::v1 {

void inherit_cpuset(const std::string& mount_point, const std::string& directory) {
  if (directory.size() <= mount_point.size()) return;
  const std::string parent = directory.substr(0, directory.rfind('/'));
  for (const std::string file : {"/cpuset.cpus", "/cpuset.mems"}) {
    std::string inherited = read_file(AT_FDCWD, parent + file);
    if (trim(inherited).empty()) {
      inherit_cpuset(mount_point, parent);
      inherited = read_file(AT_FDCWD, parent + file);
    }
    write_value(AT_FDCWD, directory + file, trim(inherited));
  }
}

}  // namespace ocelot::cgroups::v1
