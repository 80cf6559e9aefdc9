#include "shim/readiness_relay.hpp"

#include <sys/socket.h>

#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/release.hpp"
#include "shim/foreign_fds.hpp"

namespace ocelot::shim {
namespace {

constexpr unsigned datagrams_a_turn = 16;
constexpr std::chrono::milliseconds retry_after{10};  // where no worker could be had

}  // namespace

void ReadinessRelay::open(const Container& container, int directory, pid_t main_process) {
  if (relay_) return;  // of another start: what has come there must not be lost
  relay_ = notify_relay(container, directory);
  if (relay_) relay_->set_main_process(main_process);
  main_process_ = main_process;
  watch();
}

void ReadinessRelay::watch() {
  if (!relay_) return;
  if (!receiver_) receiver_.emplace();
  sys::set_socket_option(relay_->fd(), SO_PASSCRED,
                         1);  // what a look has room for is taken by that
  watch_ = loop_.watch(relay_->fd(), EPOLLIN, [this](std::uint32_t) { receive(); });
}

void ReadinessRelay::receive() {
  if (read_some() && !std::exchange(told_, true)) tell();
}

// True once the process is ready.
bool ReadinessRelay::read_some() {
  bool ready = false;
  for (unsigned count = 0; count < datagrams_a_turn && watch_; ++count) {
    const auto batch = receiver_->receive(relay_->fd(), 1, control::Descriptors::Left);
    if (batch.drained || batch.error_number != 0) break;
    for (const control::IncomingPacket& packet : batch.packets) ready = relay_->hear(packet.bytes);
    if (batch.carries)
      discard();
    else
      receiver_->receive(relay_->fd(), 1, control::Descriptors::Refused);
  }
  receiver_->trim();
  return ready;
}

// Nothing is read meanwhile.
void ReadinessRelay::discard() {
  watch_.reset();
  if (lasting_workers_.too_many()) return read_later();
  try {
    lasting_workers_.start(
        "ocelot-shim:take", {relay_->fd()},
        [this] {
          auto batch = receiver_->receive(relay_->fd(), 1, control::Descriptors::Accepted);
          const ForeignFds orphans{std::move(batch.orphans)};
          for (control::IncomingPacket& packet : batch.packets) ForeignFds{std::move(packet.fds)};
          return Worker::Result{};
        },
        [this](const Worker::Result&) { watch(); }, [this](const Error&) { read_later(); });
  } catch (const Error&) {  // it is still there
    read_later();
  }
}

void ReadinessRelay::read_later() {
  pause_ = loop_.after(retry_after, [this] {
    pause_.reset();
    watch();
  });
}

void ReadinessRelay::tell() {
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
  pause_.reset();
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
