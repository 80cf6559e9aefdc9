#pragma once
#include <deque>

#include "shim/control/limits.hpp"
#include "shim/control/outbox.hpp"

namespace ocelot::control {

// The last events, each kept once for all subscribers, numbered one after the other.
class EventJournal {
 public:
  explicit EventJournal(const Limits& limits, std::uint64_t first_number = 1)
      : limits_(&limits), first_(first_number) {}

  // `document` is a JSON object; it gets the member "number".
  void append(std::string_view document);

  // Events first() to next() - 1 are there.
  std::uint64_t first() const noexcept { return first_; }
  std::uint64_t next() const noexcept { return first_ + events_.size(); }
  const SharedBody& at(std::uint64_t number) const {
    return events_[static_cast<std::size_t>(number - first_)];
  }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  const Limits* limits_;
  std::uint64_t first_;
  std::deque<SharedBody> events_;
  std::size_t bytes_ = 0;
};

// One subscriber's place in the journal. It keeps no events of its own, so that one that lags costs
// nothing; what has left the journal before it was sent is counted, and told.
class Subscription {
 public:
  Subscription(std::uint64_t request, std::uint64_t next) : request_(request), next_(next) {}

  std::uint64_t request() const noexcept { return request_; }
  bool behind(const EventJournal& journal) const noexcept { return next_ < journal.next(); }
  // Queues what there is while `outbox` holds less than `limit` bytes.
  void pump(const EventJournal& journal, Outbox& outbox, std::size_t limit, Metrics& metrics);

 private:
  std::uint64_t request_;
  std::uint64_t next_;
};

// {"event":"resync","missed":M,"next":N}: M events are gone, N is the number of the next one.
std::string resync_document(std::uint64_t missed, std::uint64_t next);
// {"event":"subscribed","instance":"...","next":N}: the first of every subscription.
std::string subscribed_document(std::uint64_t instance, std::uint64_t next);

}  // namespace ocelot::control
