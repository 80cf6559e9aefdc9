#include "shim/stdio/input.hpp"

#include <array>
#include <utility>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/terminal_input.hpp"

namespace ocelot::shim {

Input::Input(EventLoop& loop, UniqueFd sink, Device device, Gone gone)
    : loop_(loop), sink_(std::move(sink)), device_(device), gone_(std::move(gone)) {
  if (sink_) sys::set_nonblocking(sink_.get(), true);
}

void Input::add_client(ClientId id, UniqueFd pipe, AtEnd at_end) {
  if (!sink_) {
    pipe.reset();
    return gone_(id);
  }
  sys::set_nonblocking(pipe.get(), true);
  const auto client = clients_.insert(clients_.end(), Client{id, std::move(pipe), at_end});
  if (!sink_watch_) watch(client);
}

void Input::watch(Clients::iterator client) {
  client->watch =
      loop_.watch(client->pipe.get(), EPOLLIN, [this, client](std::uint32_t) { read(client); });
}

void Input::started() {
  started_ = true;
  if (pending_.empty()) end_if_asked();
}

void Input::close() {
  if (!sink_) return;
  close_asked_ = true;
  if (pending_.empty()) end_if_asked();
}

void Input::add_pending(std::string bytes) {
  if (!sink_ || bytes.empty()) return;
  pending_.insert(0, bytes);
  write();
}

Input::Handover Input::hand_over() {
  sink_watch_.reset();
  Handover handover{std::move(sink_), {}};
  for (Client& client : clients_)
    handover.clients.push_back({client.id, std::move(client.pipe), client.at_end});
  clients_.clear();
  return handover;
}

void Input::stop() {
  sink_watch_.reset();
  sink_.reset();
  discard();
  while (!clients_.empty()) remove(clients_.begin());
}

void Input::discard() {
  std::string{}.swap(pending_);
}

void Input::read(Clients::iterator client) {
  std::array<char, 4096> buffer;
  const ssize_t count = sys::try_read(client->pipe.get(), buffer);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    const bool ends_input = client->at_end == AtEnd::close;
    remove(client);
    if (ends_input) close();
    return;
  }
  pending_.assign(buffer.data(), static_cast<std::size_t>(count));
  bytes_ += pending_.size();
  last_ = pending_.back();
  write();
}

void Input::write() {
  std::string_view rest = pending_;
  ssize_t count = 0;
  while (!rest.empty() && (count = sys::try_write(sink_.get(), rest)) > 0)
    rest.remove_prefix(static_cast<std::size_t>(count));
  if (!rest.empty() && count != -EAGAIN) {
    // Nobody has the other end open: a pipe's never comes back, a terminal's may.
    if (device_ == Device::pipe) return stop();
    rest = {};
  }
  if (rest.empty()) {
    discard();
    if (std::exchange(sink_watch_, {})) {
      for (auto client = clients_.begin(); client != clients_.end(); ++client) watch(client);
    }
    return end_if_asked();
  }
  pending_.erase(0, pending_.size() - rest.size());
  if (sink_watch_) return;
  // The end of a client would be told again and again meanwhile.
  for (Client& client : clients_) client.watch.reset();
  sink_watch_ = loop_.watch(sink_.get(), EPOLLOUT, [this](std::uint32_t) { write(); });
}

void Input::end_if_asked() {
  if (!started_ || !sink_ || !std::exchange(close_asked_, false)) return;
  if (device_ == Device::pipe) return stop();
  pending_ = end_of_input(sink_.get(), last_);
  last_ = '\n';
  if (!pending_.empty()) write();
}

void Input::remove(Clients::iterator client) {
  const ClientId id = client->id;
  clients_.erase(client);
  gone_(id);
}

}  // namespace ocelot::shim
