#include "tests/kernel/control/proxy.hpp"

#include <poll.h>
#include <sys/socket.h>

#include "runtime/base/error.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot::test {

struct Proxy::Pipe {
  ocelot::UniqueFd client, server;
  std::deque<Packet> late[2];
};

Proxy::Proxy(std::function<ocelot::UniqueFd()> connect, Faults faults, unsigned seed)
    : connect_(std::move(connect)), faults_(faults), random_(seed), wake_(sys::pipe()) {
  thread_ = std::thread{[this] { work(); }};
}

Proxy::~Proxy() {
  stop_ = true;
  sys::write_all(wake_.write_end.get(), "x");
  thread_.join();
}

control::Client::Connect Proxy::connector() {
  return [this](int& error_number) {
    control::SocketPair ends = control::SocketPair::create();
    {
      const std::lock_guard lock{mutex_};
      fresh_.push_back(std::move(ends.other));
    }
    sys::write_all(wake_.write_end.get(), "x");
    error_number = 0;
    return std::move(ends.one);
  };
}

void Proxy::cut() {
  cut_ = true;
  sys::write_all(wake_.write_end.get(), "x");
}

// One packet; false when the connection is over.
bool Proxy::pass(Pipe& pipe, bool forward) {
  const int from = (forward ? pipe.client : pipe.server).get();
  const int to = (forward ? pipe.server : pipe.client).get();
  std::optional<Packet> packet;
  try {
    packet = receive_packet(from, control::max_packet_bytes);
  } catch (const Error&) {
  }
  if (!packet) return false;
  const auto happens = [&](double share) {
    const bool yes = std::uniform_real_distribution{0.0, 1.0}(random_) < share;
    if (yes) ++made_;
    return yes;
  };
  const auto send = [&](const Packet& some) {
    std::vector<int> fds;
    for (const ocelot::UniqueFd& fd : some.fds) fds.push_back(fd.get());
    try_send_packet(to, some.bytes, fds);
  };
  if (happens(faults_.cut)) return false;
  if (happens(faults_.lose)) return true;
  if (happens(faults_.damage)) {
    const auto bit = random_() % (packet->bytes.size() * 8);
    packet->bytes[bit / 8] = static_cast<char>(packet->bytes[bit / 8] ^ (1 << bit % 8));
  }
  std::deque<Packet>& late = pipe.late[forward];
  if (happens(faults_.late)) {
    late.push_back(std::move(*packet));
    return true;
  }
  send(*packet);
  if (happens(faults_.twice)) send(*packet);
  while (!late.empty()) {
    send(late.front());
    late.pop_front();
  }
  return true;
}

void Proxy::work() {
  std::vector<Pipe> pipes;
  while (!stop_) {
    std::vector<pollfd> waiting{{wake_.read_end.get(), POLLIN, 0}};
    for (const Pipe& pipe : pipes) {
      waiting.push_back({pipe.client.get(), POLLIN, 0});
      waiting.push_back({pipe.server.get(), POLLIN, 0});
    }
    if (::poll(waiting.data(), waiting.size(), -1) == -1) continue;
    std::vector<Pipe> left;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      bool alive = true;
      if (waiting[1 + 2 * i].revents != 0) alive = pass(pipes[i], true);
      if (alive && waiting[2 + 2 * i].revents != 0) alive = pass(pipes[i], false);
      if (alive) left.push_back(std::move(pipes[i]));
    }
    pipes = std::move(left);
    if (waiting[0].revents == 0) continue;
    char byte;
    sys::read_some(wake_.read_end.get(), {&byte, 1});
    const std::lock_guard lock{mutex_};
    for (ocelot::UniqueFd& client : fresh_) {
      Pipe pipe{std::move(client), connect_(), {}};
      pipes.push_back(std::move(pipe));
    }
    fresh_.clear();
    if (cut_.exchange(false)) pipes.clear();  // the newest, too
  }
}

}  // namespace ocelot::test
