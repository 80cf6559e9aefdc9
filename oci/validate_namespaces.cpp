#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "oci/checker.hpp"
#include "oci/names.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* section = "config-linux.md#namespaces";

// A caller without privileges may not see what it can join once it is in the user namespace: what
// it was refused is told by joining it.
void check_file(Checker& check, const std::string& at, const Namespace& ns,
                const NamespaceFile& file) {
  const std::string_view type = word_of(ns.type);
  const auto refuse = [&](const std::string& what) {
    check.refuse(at, "namespace-file",
                 fmt::format("\"{}\" {}: write the path of a {} namespace, such as /proc/PID/ns/{}",
                             printable(ns.path), what, type, file_of(ns.type)),
                 section);
  };
  if (file.error_number == ENOENT || file.error_number == ENOTDIR) return refuse("does not exist");
  if (file.error_number != 0 || file.clone_flag == static_cast<int>(clone_flag(ns.type))) return;
  if (file.clone_flag == 0) return refuse("is no namespace");
  refuse("is a namespace of another type");
}

void check_list(Checker& check, const std::vector<Namespace>& namespaces) {
  std::set<NamespaceType> seen;
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    const Namespace& ns = namespaces[i];
    const std::string path = fmt::format("/linux/namespaces/{}", i);
    if (!seen.insert(ns.type).second) {
      check.refuse(path, "namespace-twice",
                   fmt::format("the {} namespace stands twice: keep one entry", word_of(ns.type)),
                   section);
    }
    if (!ns.path.empty() && ns.path[0] != '/') {
      check.refuse(path + "/path", "namespace-path-absolute",
                   fmt::format("\"{}\" must be an absolute path, such as /proc/PID/ns/{}",
                               printable(ns.path), file_of(ns.type)),
                   section);
    }
    for (const NamespaceFile& file : check.host.namespace_files) {
      if (file.path != ns.path) continue;
      check_file(check, path + "/path", ns, file);
      break;
    }
  }
}

void check_user_mappings(Checker& check, const Spec& spec) {
  constexpr const char* mappings_section = "config-linux.md#user-namespace-mappings";
  const Namespace* user = find_namespace(spec, NamespaceType::user);
  const auto check_kind = [&](const char* path, const std::vector<IdMapping>& mappings) {
    if (user == nullptr && !mappings.empty()) {
      check.refuse(path, "mappings-user-namespace",
                   "mappings need a user namespace: add {\"type\": \"user\"} to linux.namespaces",
                   mappings_section);
    }
    if (user != nullptr && user->path.empty() && mappings.empty()) {
      check.refuse(path, "mappings-required",
                   "a new user namespace needs mappings: write [{\"containerID\": 0, \"hostID\": "
                   "100000, \"size\": 65536}]",
                   mappings_section);
    }
    check_mappings(check, path, mappings, mappings_section);
  };
  check_kind("/linux/uidMappings", spec.linux_->uid_mappings);
  check_kind("/linux/gidMappings", spec.linux_->gid_mappings);
}

void check_time_offsets(Checker& check, const Spec& spec) {
  constexpr const char* time_section = "config-linux.md#offset-for-time-namespace";
  const auto& offsets = spec.linux_->time_offsets;
  if (offsets.empty()) return;
  const Namespace* time = find_namespace(spec, NamespaceType::time);
  if (time == nullptr) {
    check.refuse("/linux/timeOffsets", "time-namespace",
                 "time offsets need a time namespace: add {\"type\": \"time\"} to linux.namespaces",
                 time_section);
  } else if (!time->path.empty()) {
    check.refuse(
        "/linux/timeOffsets", "time-namespace-joined",
        "the offsets of a time namespace that is joined cannot be changed: remove them or the path",
        time_section);
  }
  for (const auto& [clock, offset] : offsets) {
    const std::string path = "/linux/timeOffsets" + json_pointer_part(clock);
    if (clock != "monotonic" && clock != "boottime") {
      check.refuse(
          path, "time-clock",
          fmt::format("\"{}\" has no offset: write monotonic or boottime", printable(clock)),
          time_section);
    }
    if (offset.nanosecs >= 1'000'000'000) {
      check.refuse(path + "/nanosecs", "time-nanosecs", "must be less than 1000000000",
                   time_section);
    }
  }
}

}  // namespace

const Namespace* find_namespace(const Spec& spec, NamespaceType type) {
  if (!spec.linux_) return nullptr;
  for (const Namespace& ns : spec.linux_->namespaces) {
    if (ns.type == type) return &ns;
  }
  return nullptr;
}

bool has_own_namespace(const HostFacts& host, const Spec& spec, NamespaceType type) {
  const Namespace* ns = find_namespace(spec, type);
  const auto& own = host.callers_own_namespaces;
  return ns != nullptr &&
         (ns->path.empty() || std::find(own.begin(), own.end(), ns->path) == own.end());
}

bool is_mapped(const std::vector<IdMapping>& mappings, std::uint32_t id) {
  return std::any_of(mappings.begin(), mappings.end(), [&](const IdMapping& mapping) {
    return id >= mapping.container_id && id - mapping.container_id < mapping.size;
  });
}

void check_mappings(Checker& check, const std::string& path, const std::vector<IdMapping>& mappings,
                    const char* spec_section) {
  constexpr std::size_t max_lines = 340;  // of /proc/PID/uid_map
  if (mappings.size() > max_lines) {
    return check.refuse(
        path, "mappings-number",
        fmt::format("{} mappings: the kernel takes at most {}", mappings.size(), max_lines),
        spec_section);
  }
  const auto overlap = [](std::uint64_t a, std::uint64_t a_size, std::uint64_t b,
                          std::uint64_t b_size) { return a < b + b_size && b < a + a_size; };
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const IdMapping& mapping = mappings[i];
    const std::string at = fmt::format("{}/{}", path, i);
    if (mapping.size == 0) {
      check.refuse(at + "/size", "mapping-size", "must be greater than 0", spec_section);
      continue;
    }
    // The last id, 4294967295, is no id.
    if (mapping.size > UINT32_MAX - mapping.container_id ||
        mapping.size > UINT32_MAX - mapping.host_id) {
      check.refuse(at + "/size", "mapping-overflow",
                   fmt::format("a range of {} ids reaches past 4294967294", mapping.size),
                   spec_section);
    }
    for (std::size_t j = 0; j < i; ++j) {
      const IdMapping& other = mappings[j];
      if (overlap(mapping.container_id, mapping.size, other.container_id, other.size)) {
        check.refuse(at + "/containerID", "mapping-overlap",
                     fmt::format("overlaps with the container ids of mapping {}", j), spec_section);
      } else if (overlap(mapping.host_id, mapping.size, other.host_id, other.size)) {
        check.refuse(at + "/hostID", "mapping-overlap",
                     fmt::format("overlaps with the host ids of mapping {}", j), spec_section);
      }
    }
  }
}

void check_namespaces(Checker& check, const Spec& spec) {
  // Without one the container's mounts would be the host's.
  if (!has_own_namespace(check.host, spec, NamespaceType::mount)) {
    check.refuse("/linux/namespaces", "namespace-mount",
                 "a container needs a mount namespace: add {\"type\": \"mount\"}", section);
  }
  if (!spec.linux_) return;
  check_list(check, spec.linux_->namespaces);
  check_user_mappings(check, spec);
  check_time_offsets(check, spec);
  check_net_devices(check, spec);
}

}  // namespace ocelot::oci
