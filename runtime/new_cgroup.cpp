#include "runtime/new_cgroup.hpp"

#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {

namespace {

// Who is in it when the container's process is born: that, the stage that bears it, and what
// systemd needs in a unit.
constexpr std::int64_t tasks_at_birth = 3;

bool lacks_room_for_birth(const oci::Resources& resources) {
  return resources.pids && resources.pids->limit.value_or(-1) >= 0 &&
         *resources.pids->limit < tasks_at_birth;
}

oci::Resources with_room_for_birth(oci::Resources resources) {
  if (lacks_room_for_birth(resources)) resources.pids->limit = tasks_at_birth;
  return resources;
}

}  // namespace

NewCgroup::~NewCgroup() {
  if (!made_) return;
  try {
    driver_->remove();
  } catch (const Error& error) {
    log::debug(error.what());  // the failure that led here is the one to tell
  }
}

void NewCgroup::make(const Plan& plan, const std::string& container) {
  Context at{text("cgroup")};
  driver_->create();
  made_ = true;
  driver_->claim(container);
  driver_->apply(with_room_for_birth(plan.resources));
}

void NewCgroup::delegate_below(const Plan& plan, pid_t init) {
  if (plan.delegated_below.empty()) return;
  Context at{[&] { return fmt::format("delegate cgroup {}", printable(plan.delegated_below)); }};
  driver_->delegate_below(plan.delegated_below, init, host_id(plan.namespaces.uid_mappings, 0));
}

void NewCgroup::settle(const Plan& plan) {
  driver_->settle();
  if (!made_) return;
  Context at{text("cgroup")};
  // Not before: only now all its files are there.
  if (plan.delegate_cgroup) driver_->delegate(host_id(plan.namespaces.uid_mappings, 0));
  if (!lacks_room_for_birth(plan.resources)) return;
  oci::Resources limit;
  limit.pids = plan.resources.pids;
  cgroups::Undo undo;
  driver_->change(limit, undo);
}

}  // namespace ocelot
