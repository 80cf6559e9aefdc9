#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"
#include "shim/control/frame.hpp"
#include "shim/control/metrics.hpp"

namespace ocelot::control {

// What a message carries; shared, so that an event is kept once for all who get it, and a request
// for as long as it may have to be sent again.
struct Body {
  std::string bytes;
  std::vector<UniqueFd> fds;
};
using SharedBody = std::shared_ptr<const Body>;
SharedBody share(std::string bytes, std::vector<UniqueFd> fds = {});

struct Outgoing {
  Type type = Type::Reply;
  std::uint64_t id = 0;
  SharedBody body;
  bool repeated = false;
};

// A packet by what it carried.
struct PacketName {
  Type type;
  std::uint64_t id;
  std::uint16_t index;
};

// Messages that wait to be sent, cut into packets as they leave: as many as there are in one
// sendmmsg, up to a batch. Never waits: what finds no space stays.
class Outbox {
 public:
  Outbox(std::size_t packet_bytes, Metrics& metrics)
      : packet_bytes_(packet_bytes), metrics_(&metrics) {}

  void push(Outgoing message);
  // One packet of the message alone.
  void push_fragment(Outgoing message, std::uint16_t index);

  enum class State {
    Empty,    // all sent
    Blocked,  // no space: call again when the socket is writable
    Refused,  // the peer takes no descriptors
    Broken,   // the peer is gone, or the kernel refuses
  };
  // The names of packets that left are appended to `sent`, if given.
  State flush(int socket, std::vector<PacketName>* sent = nullptr);

  bool empty() const noexcept { return queue_.empty(); }
  std::size_t bytes() const noexcept { return bytes_; }  // that wait
  std::size_t packet_bytes() const noexcept { return packet_bytes_; }

 private:
  struct Entry {
    Outgoing message;
    std::uint16_t next, end;  // fragments yet to be sent
  };
  class Batch;

  void sent_one(const PacketName& name, std::size_t bytes, std::vector<PacketName>* sent);

  std::size_t packet_bytes_;
  Metrics* metrics_;
  std::deque<Entry> queue_;
  std::size_t bytes_ = 0;
};

}  // namespace ocelot::control
