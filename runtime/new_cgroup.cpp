#include "runtime/new_cgroup.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {

NewCgroup::~NewCgroup() {
  if (!made_) return;
  try {
    driver_->remove();
  } catch (const Error& error) {
    log::debug(error.what());  // the failure that led here is the one to tell
  }
}

void NewCgroup::make(const Plan& plan) {
  Context at{text("cgroup")};
  driver_->create();
  made_ = true;
  driver_->apply(plan.resources);
  if (plan.delegate_cgroup) driver_->delegate(host_id(plan.namespaces.uid_mappings, 0));
}

}  // namespace ocelot
