#include "shim/oom_events.hpp"

#include "runtime/base/error.hpp"

namespace ocelot::shim {
namespace {

constexpr std::chrono::seconds pause{1};

}  // namespace

OomEvents::OomEvents(EventLoop& loop, const cgroups::Driver& cgroup, std::function<void()> tell)
    : loop_(loop), oom_(cgroup), tell_(std::move(tell)) {
  watch();
}

void OomEvents::look() {
  try {
    if (oom_.happened()) tell_();
  } catch (const Error&) {
    return;  // its cgroup is just going
  }
}

void OomEvents::watch() {
  watch_ = oom_.watch(loop_, [this] {
    look();
    watch_ = loop_.after(pause, [this] { watch(); });
  });
}

}  // namespace ocelot::shim
