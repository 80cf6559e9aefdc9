#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

constexpr int capability_bits = 64;

void drop_bounding_set(std::uint64_t kept) {
  for (int capability = 0; capability < capability_bits; ++capability) {
    if ((kept >> capability) & 1) continue;
    if (!sys::drop_bounding_capability(capability)) return;
  }
}

void raise_ambient_set(std::uint64_t wanted) {
  if (wanted == 0) return;
  for (int capability = 0; capability < capability_bits; ++capability) {
    if (((wanted >> capability) & 1) == 0) continue;
    if (const int error_number = sys::try_raise_ambient_capability(capability)) {
      sys::fail(error_number, fmt::format("prctl PR_CAP_AMBIENT_RAISE {}", capability));
    }
  }
}

}  // namespace

void apply_credentials(const ProcessPlan& plan) {
  Context at{text("credentials")};
  const CapabilityPlan& wanted = plan.capabilities;
  drop_bounding_set(wanted.bounding);
  const bool leaves_root = plan.uid != 0;
  if (leaves_root) sys::set_keep_capabilities(true);
  if (plan.which_groups == Groups::given) sys::set_groups(plan.groups);
  sys::set_gid(plan.gid);
  sys::set_uid(plan.uid);
  if (leaves_root) sys::set_keep_capabilities(false);
  sys::clear_ambient_capabilities();
  sys::set_capabilities(wanted.effective, wanted.permitted, wanted.inheritable);
  raise_ambient_set(wanted.ambient);
}

}  // namespace ocelot
