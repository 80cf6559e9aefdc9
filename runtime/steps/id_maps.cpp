#include "runtime/steps/id_maps.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/steps/mount_sources.hpp"

namespace ocelot {
namespace {

// The programs of package uidmap, which /etc/subuid and /etc/subgid let map more than one id.
void run_map_helper(const char* name, pid_t pid, const std::vector<oci::IdMapping>& mappings) {
  std::vector<std::string> args{name, fmt::format("{}", pid)};
  for (const oci::IdMapping& mapping : mappings) {
    for (const std::uint32_t number : {mapping.container_id, mapping.host_id, mapping.size})
      args.push_back(fmt::format("{}", number));
  }
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  char* const no_environment[] = {nullptr};
  const std::string path = fmt::format("/usr/bin/{}", name);
  ChildProcess helper = spawn(
      name, {},
      [&] { return sys::execute(path.c_str(), argv.data(), no_environment) == ENOENT ? 127 : 126; },
      [](const Error&) {});
  const ExitStatus status = helper.wait();
  if (status.success()) return;
  throw Error{ErrorKind::Failed, fmt::format("{} ended with {}", path, status.describe())}
      .with_hint(status.code == 127
                     ? "install the package uidmap"
                     : "the ranges must be this user's in /etc/subuid and /etc/subgid");
}

void write_map(int process, const char* file, const std::vector<oci::IdMapping>& mappings) {
  if (const std::string lines = id_map_text(mappings); !lines.empty())
    write_value(process, file, lines);
}

}  // namespace

void write_id_maps(pid_t pid, const NamespacePlan& plan, bool set_groups) {
  Context at{text("user namespace")};
  const UniqueFd process = sys::open(AT_FDCWD, fmt::format("/proc/{}", pid), O_PATH | O_DIRECTORY);
  if (plan.map_with_helpers) {
    run_map_helper("newgidmap", pid, plan.gid_mappings);
    run_map_helper("newuidmap", pid, plan.uid_mappings);
    return;
  }
  if (!set_groups) write_value(process.get(), "setgroups", "deny");
  write_map(process.get(), "gid_map", plan.gid_mappings);
  write_map(process.get(), "uid_map", plan.uid_mappings);
}

}  // namespace ocelot
