#include "shim/control/event_journal.hpp"

#include <boost/test/unit_test.hpp>

namespace ocelot::control {
namespace {

struct Scene {
  Limits limits{.events = 4};
  EventJournal journal{limits};
  Metrics metrics;
  Outbox outbox{1024, metrics};

  void append(unsigned count) {
    for (unsigned i = 0; i < count; ++i) journal.append(R"({"event":"e"})");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(event_journal)

BOOST_FIXTURE_TEST_CASE(events_are_numbered_one_after_the_other, Scene) {
  append(3);
  BOOST_TEST(journal.first() == 1u);
  BOOST_TEST(journal.next() == 4u);
  BOOST_TEST(journal.at(2)->bytes == R"({"number":2,"event":"e"})");
}

BOOST_FIXTURE_TEST_CASE(the_last_ones_are_kept, Scene) {
  append(4);
  BOOST_TEST(journal.first() == 1u);
  append(1);
  BOOST_TEST(journal.first() == 2u);
  BOOST_TEST(journal.next() == 6u);
}

BOOST_FIXTURE_TEST_CASE(one_that_lags_is_told_how_many_it_missed, Scene) {
  Subscription lagging{9, 1};
  append(10);
  lagging.pump(journal, outbox, 1 << 20, metrics);
  BOOST_TEST(metrics.events_missed == 6u);
  BOOST_TEST(metrics.events_sent == 4u);
  BOOST_TEST(!lagging.behind(journal));
}

BOOST_FIXTURE_TEST_CASE(a_full_outbox_gets_no_more, Scene) {
  Subscription one{9, 1};
  append(4);
  one.pump(journal, outbox, 1, metrics);
  BOOST_TEST(metrics.events_sent == 1u);
  BOOST_TEST(one.behind(journal));
}

BOOST_AUTO_TEST_CASE(a_million_events_for_nobody_take_the_memory_of_a_few) {
  Limits limits;
  EventJournal journal{limits};
  for (unsigned i = 0; i < 1'000'000; ++i) journal.append(R"({"event":"e"})");
  BOOST_TEST(journal.bytes() <= limits.events_bytes);
  BOOST_TEST(journal.next() - journal.first() == limits.events);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
