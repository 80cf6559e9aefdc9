#include <nlohmann/json.hpp>

#include "cgroups/driver.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/store.hpp"
#include "shim/desk.hpp"

namespace ocelot::shim {
namespace {

// Processes that sleep have stopped within 100 us; to fork a worker takes longer.
constexpr std::chrono::microseconds freeze_patience{200};

// Whatever was told to have failed has not happened.
void thaw(cgroups::Driver& cgroup) noexcept {
  try {
    cgroup.freeze(cgroups::Freezer::thawed);
  } catch (const std::exception&) {
    return;  // the cgroup is gone
  }
}

}  // namespace

// Here, as far as nobody has to be waited for: neither whoever has the container's lock, nor a
// process that does not stop at once.
void Desk::pause(control::RequestHandle handle) {
  const auto paused = [this] { sandbox_.publish(R"({"event":"paused"})"); };
  const UniqueFd lock = try_lock(sandbox_.directory(), "pause");
  if (!lock) {
    return delegate(
        handle, "ocelot-shim:pause",
        [this] { ocelot::pause(lock_container(sandbox_.global(), sandbox_.id(), "pause")); },
        paused);
  }
  check_can_pause(sandbox_.status());
  cgroups::Driver& cgroup = sandbox_.container().cgroup();
  if (!cgroup.try_freeze(cgroups::Deadline{freeze_patience}))
    return freeze_on(handle, cgroup, paused);
  paused();
  done(handle);
}

// The worker has the lock, too.
void Desk::freeze_on(control::RequestHandle handle, cgroups::Driver& cgroup,
                     std::function<void()> then) {
  try {
    sandbox_.workers().start(
        "ocelot-shim:pause",
        [&cgroup] {
          cgroup.freeze(cgroups::Freezer::frozen);
          return Worker::Result{};
        },
        [this, handle, then = std::move(then)](const Worker::Result&) {
          then();
          done(handle);
        },
        [this, handle, &cgroup](const Error& error) {
          thaw(cgroup);
          server_->fail(handle, error);
        });
  } catch (...) {
    thaw(cgroup);
    throw;
  }
}

void Desk::resume(control::RequestHandle handle) {
  const auto resumed = [this] { sandbox_.publish(R"({"event":"resumed"})"); };
  const UniqueFd lock = try_lock(sandbox_.directory(), "resume");
  if (!lock) {
    return delegate(
        handle, "ocelot-shim:resume",
        [this] { ocelot::resume(lock_container(sandbox_.global(), sandbox_.id(), "resume")); },
        resumed);
  }
  check_can_resume(sandbox_.status());
  sandbox_.container().cgroup().freeze(cgroups::Freezer::thawed);
  resumed();
  done(handle);
}

}  // namespace ocelot::shim
