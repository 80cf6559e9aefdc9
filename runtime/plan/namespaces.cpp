#include <fmt/core.h>
#include <sched.h>

#include "oci/names.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {
namespace {

std::string offsets_text(const std::map<std::string, oci::TimeOffset>& offsets) {
  std::string text;
  for (const auto& [clock, offset] : offsets)
    text += fmt::format("{} {} {}\n", clock, offset.secs, offset.nanosecs);
  return text;
}

void make_new(NamespacePlan& plan, int flag) {
  switch (flag) {
    case CLONE_NEWUSER:
      plan.new_user = true;
      break;
    case CLONE_NEWPID:
      plan.new_pid = true;
      break;
    case CLONE_NEWTIME:
      plan.new_time = true;
      break;
    default:
      plan.create |= flag;
  }
}

// What the kernel lets a process without privileges map by itself.
bool maps_only(const std::vector<oci::IdMapping>& mappings, std::uint32_t own) {
  return mappings.size() == 1 && mappings.front().host_id == own && mappings.front().size == 1;
}

}  // namespace

bool NamespacePlan::joins(int flag) const {
  for (const NamespaceToJoin& entry : join) {
    if (entry.flag == flag) return true;
  }
  return false;
}

bool NamespacePlan::makes(int flag) const {
  switch (flag) {
    case CLONE_NEWUSER:
      return new_user;
    case CLONE_NEWPID:
      return new_pid;
    case CLONE_NEWTIME:
      return new_time;
    default:
      return (create & flag) != 0;
  }
}

NamespacePlan plan_namespaces(const oci::Linux& linux_part, const Host& host) {
  NamespacePlan plan;
  NamespaceToJoin user;
  for (const oci::Namespace& entry : linux_part.namespaces) {
    const int flag = static_cast<int>(oci::clone_flag(entry.type));
    if (entry.path.empty()) {
      make_new(plan, flag);
    } else if (flag == CLONE_NEWUSER) {
      user = {flag, entry.path};
    } else {
      plan.join.push_back({flag, entry.path});
    }
  }
  // The others first, with the runtime's privileges: they may belong to the host. Those that belong
  // to the joined user namespace are tried again once it is entered.
  if (user.flag != 0) plan.join.push_back(user);
  if (plan.new_user || user.flag != 0) {
    plan.uid_mappings = linux_part.uid_mappings;
    plan.gid_mappings = linux_part.gid_mappings;
  }
  if (plan.new_user) {
    plan.map_with_helpers = !host.facts.privileged && !(maps_only(plan.uid_mappings, host.uid) &&
                                                        maps_only(plan.gid_mappings, host.gid));
  }
  if (plan.new_time) plan.time_offsets = offsets_text(linux_part.time_offsets);
  return plan;
}

std::uint32_t host_id(const std::vector<oci::IdMapping>& mappings, std::uint32_t id) {
  for (const oci::IdMapping& mapping : mappings) {
    if (id >= mapping.container_id && id - mapping.container_id < mapping.size)
      return mapping.host_id + (id - mapping.container_id);
  }
  return id;
}

bool is_mapped(const std::vector<oci::IdMapping>& mappings, std::uint32_t id) {
  if (mappings.empty()) return true;
  for (const oci::IdMapping& mapping : mappings) {
    if (id >= mapping.container_id && id - mapping.container_id < mapping.size) return true;
  }
  return false;
}

}  // namespace ocelot
