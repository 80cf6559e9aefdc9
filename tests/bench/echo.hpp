#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "runtime/base/process.hpp"
#include "shim/control/packet_socket.hpp"

namespace ocelot::bench {

// How long something took, in microseconds, again and again.
class Times {
 public:
  template <typename Body>
  void add(Body body) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    const auto end = std::chrono::steady_clock::now();
    us_.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
  }
  double quantile(double share);

 private:
  std::vector<double> us_;
};

// The caller and what it starts run on one processor from now on, the last that
// the caller may use. Of two that send each other packets the kernel sometimes runs both on one and
// sometimes wakes a sleeping processor for each, which takes longer than all that they do.
void use_one_processor();

// The least that answers a packet with a packet: a process with epoll, recvmsg and send on a
// SOCK_SEQPACKET socket with SO_PASSCRED.
class Echo {
 public:
  explicit Echo(std::size_t answer_bytes);
  // One round trip of a request of so many bytes.
  void ask(std::size_t bytes);

 private:
  control::SocketPair ends_;
  ChildProcess server_;
};

}  // namespace ocelot::bench
