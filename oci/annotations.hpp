#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>

namespace ocelot {

using Annotations = std::map<std::string, std::string>;

// The value that `key` has; nullptr without one.
inline const std::string* find_annotation(const Annotations& annotations, const char* key) {
  const auto found = annotations.find(key);
  return found == annotations.end() ? nullptr : &found->second;
}

// The annotations (and, with a dot at their end, prefixes of annotations) that change what a
// container may do: engines keep them from users who may not decide that. The prefixes of our own
// and of crun's are listed as a whole, so that an engine need not learn of each. Spec:
// features.md#unsafe-annotations-in-configjson
inline constexpr std::array<std::string_view, 4> unsafe_annotations{
    "org.criu.config", "org.ocelot.", "org.systemd.property.", "run.oci."};

// Who may look at the container over its shim's control socket, beside those of --observer, and in
// the same words.
inline constexpr const char* observer_annotation = "org.ocelot.observer";

// A configuration file for criu, which checkpoint and restore tell it of.
inline constexpr const char* criu_config_annotation = "org.criu.config";

// With "1" processes keep the supplementary groups of whoever calls the runtime, in place of
// process.user.additionalGids: podman's `--group-add keep-groups`, and crun's word for it.
inline constexpr const char* keep_groups_annotation = "run.oci.keep_original_groups";

// Files of the host that what hooks write is appended to. Crun's words.
inline constexpr const char* hooks_stdout_annotation = "run.oci.hooks.stdout";
inline constexpr const char* hooks_stderr_annotation = "run.oci.hooks.stderr";

// Which option of a new file system has linux.mountLabel; without it "context". podman's and crun's
// word.
inline constexpr const char* mount_context_annotation = "run.oci.mount_context_type";
inline constexpr std::array<std::string_view, 4> mount_context_types{"context", "fscontext",
                                                                     "defcontext", "rootcontext"};

// The name of a cgroup below the container's that its processes are moved to and that is the
// container's root's; empty: none. Crun's word.
inline constexpr const char* delegate_cgroup_annotation = "run.oci.delegate-cgroup";

// The name of a cgroup in the scope that systemd makes, where the container is then; empty: none.
// Crun's word, whose default is "container" on v2; here it is runc's, none.
inline constexpr const char* systemd_subgroup_annotation = "run.oci.systemd.subgroup";

}  // namespace ocelot
