#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "shim/control/packet_socket.hpp"
#include "shim/control/server.hpp"
#include "shim/lasting_workers.hpp"
#include "shim/shelf.hpp"

namespace ocelot::shim {

// The process of a container at the other end of a SocketPair: it is sent commands with
// descriptors, and answers with text and descriptors (peer_packet.hpp). It may also send unasked,
// but request nothing.
//
// It is hostile. What is malformed, comes from a process that is not the container's, answers no
// question or finds the queue full is dropped and counted, and then the socket is not read for a
// moment: a flood waits at the other end.
//
// Its descriptors never come to be in this process, whose close of them the container could hold
// up: a packet that carries any is taken by a worker, which answers the client itself, or puts them
// on a shelf.
class ContainerPeer {
 public:
  struct Limits {
    std::size_t requests = 64;          // that wait, for an answer or to be sent
    std::size_t unsent_fds = 512;       // of those that wait to be sent
    std::size_t unasked = 64;           // messages kept for whoever asks for them,
    std::size_t unasked_bytes = 65536;  // and their text
    std::size_t unasked_fds = 256;
    std::chrono::milliseconds pause{10};  // after something was dropped
  };

  // What came from the container, and from which of its processes.
  struct Received {
    std::string text;
    std::vector<UniqueFd> fds;
    control::Credentials sender;
  };

  // What a worker does with what came, whose descriptors it does not close.
  struct Delivery {
    std::function<void(Received)> act;
    std::vector<int> keeps;  // the descriptors that it needs
  };

  // The same while nobody has asked for it: its descriptors are on the shelf.
  struct Kept {
    std::string text;
    std::size_t descriptors = 0;
    std::uint64_t number = 0;  // on the shelf, one more than the one before
    control::Credentials sender;
  };

  struct Command {
    std::optional<std::string> send;  // a command; none: wait for what comes unasked
    bool receive = true;              // the reply, else be done once it is sent
    std::vector<UniqueFd> fds;
    std::chrono::milliseconds timeout{30'000};
    // One of answered, delivered and failed is called once, unless it was forgotten before.
    // Received is empty where nothing was to be received, and has no descriptors.
    std::function<void(std::optional<Received>)> answered;
    // For one that has descriptors, and what is done here then. Throws Error.
    std::function<Delivery()> delivery;
    std::function<void()> delivered;
    std::function<void(const Error&)> failed;
  };

  struct Counters {
    std::uint64_t commands = 0, replies = 0, unasked = 0, timeouts = 0;
    // Dropped: short, not UTF-8 or empty; too long or with more descriptors than could be had; of
    // no process of the container; with the id of no request that waits; queue full.
    std::uint64_t malformed = 0, cut = 0, foreign = 0, late = 0, overflown = 0;
    std::size_t waiting = 0, queued = 0;
    bool open = false;
  };

  // For a shim that takes over.
  struct Handover {
    UniqueFd socket;  // empty: the container has closed its end
    std::uint64_t last_id = 0;
    std::deque<Kept> unasked;
    Shelf shelf;
    Counters counters;
  };

  using IsOurs = std::function<bool(pid_t)>;

  // `is_ours` tells whether a process is one of the container's.
  ContainerPeer(EventLoop& loop, LastingWorkers& workers, UniqueFd socket, IsOurs is_ours,
                const Limits& limits);
  ContainerPeer(EventLoop& loop, LastingWorkers& workers, UniqueFd socket, IsOurs is_ours)
      : ContainerPeer(loop, workers, std::move(socket), std::move(is_ours), Limits()) {}
  ContainerPeer(EventLoop& loop, LastingWorkers& workers, Handover handover, IsOurs is_ours);
  ContainerPeer(const ContainerPeer&) = delete;
  ContainerPeer& operator=(const ContainerPeer&) = delete;

  // Throws Error{InvalidArgument, WrongState (the container has closed its end), Failed (too many
  // wait already)}; then nothing was sent and neither function is called.
  void request(control::RequestHandle handle, Command command);
  // Nobody waits for it any more. Of a command that was not sent yet nothing is sent.
  void forget(control::RequestHandle handle);

  // A command was sent, or is about to be, and its reply has not come.
  bool awaits_reply() const;
  // Nothing is read or sent any more; whoever waits is told nothing.
  Handover hand_over();

  Counters counters() const;

 private:
  struct Request {
    control::RequestHandle handle;
    std::uint64_t id = 0;  // 0: waits for what comes unasked, or wants no reply
    bool unsent = false;
    bool being_delivered = false;
    std::string packet;  // while unsent
    Command command;
    EventLoop::Watch deadline;
  };
  using Requests = std::list<Request>;

  void on_ready(std::uint32_t events);
  // False: it was dropped. One that carries descriptors is still in the socket.
  bool take(const control::IncomingPacket& packet, bool carries);
  // Of the request that it answers, or of one that waits for anything (id 0).
  Requests::iterator waiting_for(std::uint64_t id);
  void keep(Kept kept);
  void serve_kept();
  // `number`: on the shelf; 0: from the socket.
  void deliver(Requests::iterator request, Received received, std::uint64_t number = 0);
  void shelve(Kept kept);
  void discard();
  // By a worker that keeps these descriptors, while nothing is read here.
  void work(std::vector<int> keeps, const Worker::Body& body, Worker::Done done,
            Worker::Failed failed);
  // In a worker.
  std::vector<UniqueFd> take_descriptors();
  bool is_of_the_container(const control::Credentials& sender) const;
  void send_unsent();
  void wait_for_events();
  void read_later();
  void close();
  void close_socket();
  void expire(Requests::iterator request);
  void answer(Requests::iterator request, std::optional<Received> received);
  void fail(Requests::iterator request, const Error& error);

  EventLoop& loop_;
  LastingWorkers& workers_;
  UniqueFd socket_;
  const IsOurs is_ours_;
  const Limits limits_;
  control::PacketReceiver receiver_;
  Requests requests_;
  std::deque<Kept> unasked_;
  Shelf shelf_;
  std::size_t unasked_bytes_ = 0, unasked_fds_ = 0;
  std::uint64_t last_id_ = 0, last_kept_ = 0;
  Counters counters_;
  bool working_ = false;
  EventLoop::Watch watch_, pause_;
};

}  // namespace ocelot::shim
