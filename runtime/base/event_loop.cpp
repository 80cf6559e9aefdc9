#include "runtime/base/event_loop.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <climits>
#include <map>
#include <unordered_map>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/base/sys.hpp"

namespace ocelot {

using Clock = std::chrono::steady_clock;

// The kernel gives back a token, never a pointer: an event that was fetched for a registration
// which has ended meanwhile finds nothing.
struct EventLoop::State {
  struct Registration {
    int fd = -1;  // -1: a timer
    std::shared_ptr<Handler> handler;
    Clock::time_point due;
  };

  UniqueFd epoll;
  std::uint64_t next_token = 1;
  std::unordered_map<std::uint64_t, Registration> registrations;
  std::multimap<Clock::time_point, std::uint64_t> timers;
  std::map<std::uint64_t, std::shared_ptr<Handler>> turn_ends;
  bool stopping = false;
  Clock::time_point now = Clock::now();

  void control(int operation, int fd, std::uint32_t events, std::uint64_t token) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = token;
    if (::epoll_ctl(epoll.get(), operation, fd, &event) == -1)
      sys::fail(errno, fmt::format("epoll_ctl {}", fd));
  }

  void forget_timer(Clock::time_point due, std::uint64_t token) {
    const auto [first, last] = timers.equal_range(due);
    const auto found =
        std::find_if(first, last, [&](const auto& timer) { return timer.second == token; });
    if (found != last) timers.erase(found);
  }

  void remove(std::uint64_t token) noexcept {
    const auto found = registrations.find(token);
    if (found == registrations.end()) {
      const auto turn_end = turn_ends.extract(token);
      return;
    }
    // What the handler owns may end other registrations: it goes last.
    const Registration ended = std::move(found->second);
    registrations.erase(found);
    if (ended.fd == -1) return forget_timer(ended.due, token);
    epoll_event unused{};
    ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, ended.fd,
                &unused);  // a descriptor that is closed already has left by itself
  }

  // -1: for ever.
  int timeout_ms() const {
    if (timers.empty()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers.begin()->first - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, INT_MAX));
  }

  // A handler stays alive while it runs, whatever becomes of its registration.
  void dispatch(std::uint64_t token, std::uint32_t events) {
    const auto found = registrations.find(token);
    if (found == registrations.end()) return;
    const std::shared_ptr<Handler> handler = found->second.handler;
    (*handler)(events);
  }

  void dispatch_timers() {
    // One that a handler sets with no delay has its turn after the descriptors.
    std::vector<std::uint64_t> due;
    for (auto timer = timers.begin(); timer != timers.end() && timer->first <= now; ++timer)
      due.push_back(timer->second);
    for (const std::uint64_t token : due) {
      const auto found = registrations.find(token);
      if (found == registrations.end() || stopping) continue;
      forget_timer(found->second.due, token);
      const std::shared_ptr<Handler> handler = found->second.handler;
      registrations.erase(found);
      (*handler)(0);
    }
  }

  void dispatch_turn_ends() {
    for (auto next = turn_ends.begin(); next != turn_ends.end();) {
      const std::uint64_t token = next->first;
      const std::shared_ptr<Handler> handler = next->second;
      (*handler)(0);
      next = turn_ends.upper_bound(token);
    }
  }
};

EventLoop::Watch& EventLoop::Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    reset();
    state_ = std::move(other.state_);
    token_ = other.token_;
  }
  return *this;
}

EventLoop::Watch::~Watch() {
  reset();
}

void EventLoop::Watch::reset() noexcept {
  if (const auto state = std::move(state_)) state->remove(token_);
}

void EventLoop::Watch::change(std::uint32_t events) {
  const auto found = state_->registrations.find(token_);
  state_->control(EPOLL_CTL_MOD, found->second.fd, events, token_);
}

EventLoop::EventLoop() : state_(std::make_shared<State>()) {
  state_->epoll = UniqueFd{::epoll_create1(EPOLL_CLOEXEC)};
  if (!state_->epoll) sys::fail(errno, "epoll_create1");
}

EventLoop::Watch EventLoop::watch(int fd, std::uint32_t events, Handler handler) {
  const std::uint64_t token = state_->next_token++;
  state_->control(EPOLL_CTL_ADD, fd, events, token);
  state_->registrations.emplace(
      token, State::Registration{fd, std::make_shared<Handler>(std::move(handler)), {}});
  return {state_, token};
}

EventLoop::Watch EventLoop::after(std::chrono::milliseconds delay, std::function<void()> handler) {
  const std::uint64_t token = state_->next_token++;
  const Clock::time_point due = Clock::now() + delay;
  auto call =
      std::make_shared<Handler>([handler = std::move(handler)](std::uint32_t) { handler(); });
  state_->registrations.emplace(token, State::Registration{-1, std::move(call), due});
  state_->timers.emplace(due, token);
  return {state_, token};
}

EventLoop::Watch EventLoop::at_turn_end(std::function<void()> handler) {
  const std::uint64_t token = state_->next_token++;
  state_->turn_ends.emplace(
      token,
      std::make_shared<Handler>([handler = std::move(handler)](std::uint32_t) { handler(); }));
  return {state_, token};
}

void EventLoop::run() {
  const std::shared_ptr<State> state = state_;
  state->stopping = false;
  std::array<epoll_event, 64> events;
  while (!state->stopping && !state->registrations.empty()) {
    const int count = sys::retry([&] {
      return ::epoll_wait(state->epoll.get(), events.data(), static_cast<int>(events.size()),
                          state->timeout_ms());
    });
    if (count == -1) sys::fail(errno, "epoll_wait");
    state->now = Clock::now();
    for (int i = 0; i < count && !state->stopping; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      state->dispatch(event.data.u64, event.events);
    }
    if (!state->stopping) state->dispatch_timers();
    state->dispatch_turn_ends();
  }
}

Clock::time_point EventLoop::now() const noexcept {
  return state_->now;
}

void EventLoop::stop() noexcept {
  state_->stopping = true;
}

bool is_pollable(int fd) {
  const UniqueFd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll) sys::fail(errno, "epoll_create1");
  epoll_event event{};
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0) return true;
  if (errno == EPERM) return false;
  sys::fail(errno, fmt::format("epoll_ctl {}", fd));
}

}  // namespace ocelot
