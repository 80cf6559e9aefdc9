#include <fcntl.h>
#include <fmt/core.h>

#include "cgroups/hierarchy.hpp"
#include "oci/default_spec.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/cli/commands.hpp"

namespace ocelot::cli {

namespace {

constexpr const char* file = "config.json";

}  // namespace

int spec(const GlobalOptions&, const Arguments& arguments) {
  const std::string bundle(arguments.text(option::bundle));
  const UniqueFd directory =
      sys::open(AT_FDCWD, bundle.empty() ? "." : bundle, O_RDONLY | O_DIRECTORY);
  if (sys::stat_if_exists(directory.get(), file)) {
    throw Error{ErrorKind::AlreadyExists, fmt::format("File {} exists. Remove it first", file)}
        .with_hint("or give another directory with --bundle");
  }
  const std::string text =
      oci::default_spec({.rootless = arguments.has(option::rootless_spec),
                         .uid = sys::effective_uid(),
                         .gid = sys::effective_gid(),
                         .cgroup_v2 = cgroups::detect().mode == cgroups::Mode::unified});
  write_atomically(directory.get(), file, text, 0666);
  return 0;
}

}  // namespace ocelot::cli
