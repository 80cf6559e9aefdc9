#pragma once
#include <string>

#include "cgroups/hierarchy.hpp"
#include "oci/annotations.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/criu/session.hpp"
#include "runtime/image_directory.hpp"
#include "runtime/options.hpp"

namespace ocelot {

// What dump and restore have in common: the directories, and the options that both take.
struct CriuWork {
  UniqueFd images;
  UniqueFd work;  // empty: the images' directory
  criu::Options options;
  criu::Log log;

  std::string image_path, work_path;

  // The descriptors that criu inherits.
  std::vector<int> kept() const;
  // In criu's process, before it becomes that: a mount namespace of its own, where the container's
  // state directory holds what criu would otherwise mount on the host: each hierarchy of cgroups
  // and, unless it is -1, the mount `rootfs` that is to be the root. Whenever criu ends, that is
  // gone. Throws Error when a directory has been exchanged meanwhile.
  void enter_mounts(const cgroups::Hierarchies& hierarchies, int rootfs = -1) const;
};

// Opens the directories, and checks that in the images' there is nothing but images. `annotations`
// are the container's: one names a configuration file for criu. `state_directory` need not
// be there yet.
CriuWork criu_work(const CriuOptions& options, const Annotations& annotations, const char* log_name,
                   Missing missing, const std::string& state_directory);

}  // namespace ocelot
