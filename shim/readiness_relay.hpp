#pragma once
#include <optional>

#include "runtime/base/event_loop.hpp"
#include "runtime/container.hpp"
#include "runtime/notify_socket.hpp"
#include "shim/control/packet_socket.hpp"
#include "shim/lasting_workers.hpp"
#include "shim/shim_log.hpp"
#include "shim/workers.hpp"

namespace ocelot::shim {

// Passes on that the container's process is ready, where a service has made the container: to the
// service manager of who started this shim. The loop reads, a worker tells the manager, which may
// let it wait. What carries descriptors is taken by a worker, too: the container could hold their
// close up.
class ReadinessRelay {
 public:
  ReadinessRelay(EventLoop& loop, Workers& workers, LastingWorkers& lasting_workers, ShimLog& log)
      : loop_(loop), workers_(workers), lasting_workers_(lasting_workers), log_(log) {}

  // Before the process is let go. `main_process` is the one for the manager to watch.
  void open(const Container& container, int directory, pid_t main_process);

  // For a shim that takes over; empty where nothing is to be relayed.
  struct Handover {
    UniqueFd socket;
    pid_t main_process = -1;
    bool told = false;
  };
  Handover hand_over();
  void go_on(Handover handover);

 private:
  void watch();
  void receive();
  bool read_some();
  void discard();
  void read_later();
  void tell();

  EventLoop& loop_;
  Workers& workers_;
  LastingWorkers& lasting_workers_;
  ShimLog& log_;
  std::optional<NotifyRelay> relay_;
  std::optional<control::PacketReceiver> receiver_;  // with the relay: it takes a page
  EventLoop::Watch watch_, pause_;
  pid_t main_process_ = -1;
  bool told_ = false;
};

}  // namespace ocelot::shim
