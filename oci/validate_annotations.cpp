#include <fmt/core.h>

#include <algorithm>

#include "oci/annotations.hpp"
#include "oci/checker.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* section = "config.md#annotations";

void check_hook_output(Checker& check, const char* key, const std::string& file) {
  if (file.starts_with('/')) return;
  check.refuse(fmt::format("/annotations/{}", key), "hook-output-absolute",
               fmt::format("\"{}\" must be an absolute path: create, start and delete run hooks, "
                           "each from a directory of its own",
                           printable(file)),
               section);
}

void check_mount_context_type(Checker& check, const std::string& type) {
  if (std::ranges::find(mount_context_types, type) != mount_context_types.end()) return;
  check.refuse(fmt::format("/annotations/{}", mount_context_annotation), "mount-context-type",
               fmt::format("\"{}\" is unknown: write context, fscontext, defcontext or rootcontext",
                           printable(type)),
               "config-linux.md#mount-label");
}

// A cgroup that is to be made below another. crun takes a path, ".." included.
void check_cgroup_name(Checker& check, const char* key, const std::string& name) {
  constexpr std::size_t longest_name = 255;
  const bool leads_elsewhere = name == "." || name == ".." || name.find('/') != std::string::npos;
  if (!leads_elsewhere && name.find('\n') == std::string::npos && name.size() <= longest_name)
    return;
  check.refuse(
      fmt::format("/annotations/{}", key), "cgroup-name",
      fmt::format("\"{}\" is no name of a cgroup: write one without / and line breaks, of at "
                  "most {} bytes",
                  printable(name), longest_name),
      section);
}

void check_delegate_cgroup(Checker& check, const std::string& name) {
  if (name.empty()) return;
  check_cgroup_name(check, delegate_cgroup_annotation, name);
  if (check.host.cgroup_v2) return;
  check.refuse(fmt::format("/annotations/{}", delegate_cgroup_annotation), "delegate-cgroup-v2",
               "needs cgroup v2: on v1, or beside it, no cgroup can be given away safely", section);
}

void check_systemd_subgroup(Checker& check, const std::string& name) {
  if (name.empty() || !check.host.systemd_cgroup) return;
  check_cgroup_name(check, systemd_subgroup_annotation, name);
  if (check.host.cgroup_v2) return;
  check.refuse(fmt::format("/annotations/{}", systemd_subgroup_annotation), "systemd-subgroup-v2",
               "needs cgroup v2: leave it out, and the container is in its scope itself", section);
}

}  // namespace

void check_annotations(Checker& check, const Annotations& annotations) {
  if (annotations.contains("")) {
    check.refuse("/annotations/", "annotation-key", "the key of an annotation must not be empty",
                 section);
  }
  for (const char* key : {hooks_stdout_annotation, hooks_stderr_annotation}) {
    if (const std::string* file = find_annotation(annotations, key))
      check_hook_output(check, key, *file);
  }
  if (const std::string* type = find_annotation(annotations, mount_context_annotation))
    check_mount_context_type(check, *type);
  if (const std::string* name = find_annotation(annotations, delegate_cgroup_annotation))
    check_delegate_cgroup(check, *name);
  if (const std::string* name = find_annotation(annotations, systemd_subgroup_annotation))
    check_systemd_subgroup(check, *name);
}

}  // namespace ocelot::oci
