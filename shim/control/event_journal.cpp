#include "shim/control/event_journal.hpp"

#include <fmt/core.h>

#include "shim/control/documents.hpp"

namespace ocelot::control {

void EventJournal::append(std::string_view document) {
  SharedBody event = share(numbered(document, next()));
  bytes_ += event->bytes.size();
  events_.push_back(std::move(event));
  while (events_.size() > limits_->events || bytes_ > limits_->events_bytes) {
    bytes_ -= events_.front()->bytes.size();
    events_.pop_front();
    ++first_;
  }
}

void Subscription::pump(const EventJournal& journal, Outbox& outbox, std::size_t limit,
                        Metrics& metrics) {
  while (behind(journal) && outbox.bytes() < limit) {
    if (next_ < journal.first()) {
      const std::uint64_t missed = journal.first() - next_;
      next_ = journal.first();
      metrics.events_missed += missed;
      outbox.push({Type::Event, request_, share(resync_document(missed, next_))});
      continue;
    }
    outbox.push({Type::Event, request_, journal.at(next_)});
    ++metrics.events_sent;
    ++next_;
  }
}

std::string resync_document(std::uint64_t missed, std::uint64_t next) {
  return fmt::format(R"({{"event":"resync","missed":{},"next":{}}})", missed, next);
}

std::string subscribed_document(std::uint64_t instance, std::uint64_t next) {
  return fmt::format(R"({{"event":"subscribed","instance":"{:016x}","next":{}}})", instance, next);
}

}  // namespace ocelot::control
