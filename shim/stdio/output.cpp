#include "shim/stdio/output.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "runtime/base/sys_files.hpp"

namespace ocelot::shim {
namespace {

constexpr std::chrono::seconds longest_drain{2};
// The most that a pipe holds, as far as its owner may go without privileges.
constexpr std::size_t most_drained = 1 << 20;

// What `pipe` does not take now of `bytes`; nullopt when nobody reads it any more.
std::optional<std::size_t> offer(int pipe, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = sys::try_write(pipe, bytes);
    if (count == -EAGAIN) break;
    if (count < 0) return std::nullopt;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return bytes.size();
}

}  // namespace

Output::Output(EventLoop& loop, UniqueFd source, UniqueFd twin, Device device,
               std::chrono::milliseconds patience, Keep keep, Gone gone)
    : loop_(loop),
      source_(std::move(source)),
      twin_(std::move(twin)),
      device_(device),
      patience_(patience),
      keep_(std::move(keep)),
      gone_(std::move(gone)) {
  if (!source_) return;
  sys::set_nonblocking(source_.get(), true);
  wait_for(Waiting::source);
}

void Output::add_client(ClientId id, UniqueFd pipe) {
  if (!source_ && held_.empty()) {
    pipe.reset();
    return gone_(id);
  }
  sys::set_nonblocking(pipe.get(), true);
  const auto client = clients_.insert(clients_.end(), Client{id, std::move(pipe)});
  // An error, which is always told: the client has closed its end.
  client->watch = loop_.watch(client->pipe.get(), 0, [this, client](std::uint32_t events) {
    client_event(client, events);
  });
}

void Output::finish(std::function<void()> done) {
  done_ = std::move(done);
  finishing_ = true;
  left_ = most_drained;
  twin_.reset();
  if (!source_) return settle();
  deadline_watch_ = loop_.after(longest_drain, [this] { hurry(); });
  if (may_read()) read();
}

void Output::leave_nobody() {
  nobody_left_ = true;
  if (finishing_ && may_read()) read();
}

// Time is up: what is there is still kept, but nobody is waited for.
void Output::hurry() {
  hurried_ = true;
  pause_watch_.reset();
  if (!held_.empty()) return lose_patience();
  if (may_read()) read();
}

Output::Handover Output::hand_over() {
  wait_for(Waiting::nothing);
  patience_watch_.reset();
  pause_watch_.reset();
  deadline_watch_.reset();
  Handover handover{std::move(source_), std::move(twin_), {}};
  for (Client& client : clients_) {
    handover.clients.push_back({client.id, std::move(client.pipe),
                                held_.substr(held_.size() - client.owed), client.lagging});
  }
  clients_.clear();
  held_.clear();
  return handover;
}

void Output::go_on(std::vector<Attached> clients) {
  std::string held;
  for (const Attached& each : clients)
    if (each.owed.size() > held.size()) held = each.owed;
  held_ = held;
  for (Attached& each : clients) {
    add_client(each.client, std::move(each.pipe));
    if (clients_.empty()) continue;  // its stream has ended
    clients_.back().owed = each.owed.size();
    clients_.back().lagging = each.lagging;
    if (each.lagging) clients_.back().watch.change(EPOLLOUT);
  }
  if (!held.empty()) hold(held);
}

bool Output::may_read() const {
  return source_ && held_.empty() && !pause_watch_;
}

// What follows a read that has been done, or the end of what kept us from one.
void Output::settle() {
  if (source_) {
    if (!may_read()) return;
    if (finishing_) return read();
    return wait_for(Waiting::source);
  }
  if (!held_.empty()) return;
  close_clients();
  if (const auto done = std::exchange(done_, {})) done();
}

// Once; to the end of what is there when the process has ended.
void Output::read() {
  do {
    if (!read_once()) return;
  } while (finishing_ && may_read());
  if (may_read()) wait_for(Waiting::source);
}

// False when there was nothing; then what follows is settled.
bool Output::read_once() {
  std::array<char, 32768> buffer;
  const bool enough = finishing_ && left_ == 0;
  const ssize_t count = enough ? 0 : sys::try_read(source_.get(), buffer);
  if (count > 0) {
    take({buffer.data(), static_cast<std::size_t>(count)});
    return true;
  }
  if (count == -EAGAIN && !(finishing_ && (nobody_left_ || hurried_))) {
    wait_for(Waiting::source);
    return false;
  }
  // A terminal that nobody has open may be opened again, until its process has ended.
  if (count == -EIO && device_ == Device::terminal && !finishing_) {
    wait_for(Waiting::source_again);
    return false;
  }
  source_ended();
  return false;
}

void Output::take(std::string_view bytes) {
  counters_.bytes += bytes.size();
  left_ -= std::min(left_, bytes.size());
  const std::chrono::milliseconds pause = keep_(bytes);
  std::size_t most_owed = 0;
  for (auto next = clients_.begin(); next != clients_.end();) {
    const auto client = next++;
    if (client->lagging) {
      counters_.lost_bytes += bytes.size();
    } else if (const auto owed = offer(client->pipe.get(), bytes)) {
      client->owed = *owed;
      most_owed = std::max(most_owed, *owed);
    } else {
      remove(client);
    }
  }
  if (most_owed > 0) hold(bytes.substr(bytes.size() - most_owed));
  if (pause.count() > 0 && !hurried_) {
    wait_for(Waiting::nothing);
    pause_watch_ = loop_.after(pause, [this] {
      pause_watch_.reset();
      settle();
    });
  }
}

void Output::hold(std::string_view bytes) {
  for (Client& client : clients_) {
    if (client.owed > 0) client.watch.change(EPOLLOUT);
  }
  if (hurried_) return give_up_owed();
  held_ = bytes;
  ++counters_.stalls;
  wait_for(Waiting::nothing);
  patience_watch_ = loop_.after(patience_, [this] { lose_patience(); });
}

void Output::give_up_owed() {
  for (Client& client : clients_) {
    if (client.owed == 0) continue;
    counters_.lost_bytes += std::exchange(client.owed, 0);
    client.lagging = true;
  }
}

void Output::lose_patience() {
  give_up_owed();
  resume_if_taken();
}

void Output::resume_if_taken() {
  const auto owes = [](const Client& client) { return client.owed > 0; };
  if (held_.empty() || std::any_of(clients_.begin(), clients_.end(), owes)) return;
  std::string{}.swap(held_);
  patience_watch_.reset();
  settle();
}

void Output::client_event(Clients::iterator client, std::uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    remove(client);
    return resume_if_taken();
  }
  if ((events & EPOLLOUT) == 0) return;
  if (!std::exchange(client->lagging, false)) {
    const std::string_view all = held_;
    const auto owed = offer(client->pipe.get(), all.substr(all.size() - client->owed));
    if (!owed)
      remove(client);
    else
      client->owed = *owed;
    if (owed && *owed > 0) return;
    if (owed) client->watch.change(0);
    return resume_if_taken();
  }
  client->watch.change(0);
}

void Output::remove(Clients::iterator client) {
  counters_.lost_bytes += client->owed;
  const ClientId id = client->id;
  clients_.erase(client);
  gone_(id);
}

void Output::close_clients() {
  while (!clients_.empty()) remove(clients_.begin());
}

void Output::source_ended() {
  wait_for(Waiting::nothing);
  deadline_watch_.reset();
  pause_watch_.reset();
  source_.reset();
  twin_.reset();
  settle();
}

void Output::wait_for(Waiting what) {
  if (what == waiting_) return;
  waiting_ = what;
  source_watch_.reset();
  if (what == Waiting::nothing) return;
  // The hang-up of a terminal lasts: only the edge of a change is of interest.
  const std::uint32_t events = what == Waiting::source ? EPOLLIN : EPOLLIN | EPOLLET;
  source_watch_ = loop_.watch(source_.get(), events, [this](std::uint32_t) { read(); });
}

}  // namespace ocelot::shim
