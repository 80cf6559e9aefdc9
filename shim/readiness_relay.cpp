#include "shim/readiness_relay.hpp"

#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/release.hpp"

namespace ocelot::shim {

void ReadinessRelay::open(const Container& container, int directory, pid_t main_process) {
  if (relay_) return;  // of another start: what has come there must not be lost
  relay_ = notify_relay(container, directory);
  main_process_ = main_process;
  watch();
}

void ReadinessRelay::watch() {
  if (!relay_) return;
  relay_->set_main_process(main_process_);
  watch_ = loop_.watch(relay_->fd(), EPOLLIN, [this](std::uint32_t) { receive(); });
}

void ReadinessRelay::receive() {
  if (!relay_->receive() || std::exchange(told_, true)) return;
  workers_.start(
      "ocelot-shim:notify",
      [this] {
        relay_->pass_on();
        relay_->settle();
        return Worker::Result{};
      },
      [](const Worker::Result&) {},
      [this](const Error& error) {
        log_.warning("the service manager was not told that the container is ready",
                     {{"error", error.what()}});
      });
}

ReadinessRelay::Handover ReadinessRelay::hand_over() {
  watch_.reset();
  if (!relay_) return {};
  return {relay_->release(), main_process_, told_};
}

void ReadinessRelay::go_on(Handover handover) {
  if (!handover.socket) return;
  relay_.emplace(std::move(handover.socket), host_notify_socket(), handover.main_process);
  main_process_ = handover.main_process;
  told_ = handover.told;
  watch();
}

}  // namespace ocelot::shim
