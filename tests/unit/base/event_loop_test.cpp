#include "runtime/base/event_loop.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot {
namespace {

using namespace std::chrono_literals;

struct ReadyPipe : sys::Pipe {
  ReadyPipe() : sys::Pipe(sys::pipe()) { sys::write_all(write_end.get(), "x"); }
  void empty() {
    char byte;
    sys::read_some(read_end.get(), {&byte, 1});
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(event_loop)

BOOST_AUTO_TEST_CASE(run_returns_when_nothing_is_watched) {
  EventLoop loop;
  loop.run();
}

BOOST_AUTO_TEST_CASE(a_handler_is_told_what_there_is) {
  EventLoop loop;
  ReadyPipe pipe;
  std::uint32_t seen = 0;
  auto watch = loop.watch(pipe.read_end.get(), EPOLLIN, [&](std::uint32_t events) {
    seen = events;
    loop.stop();
  });
  loop.run();
  BOOST_TEST((seen & EPOLLIN) != 0u);
}

BOOST_AUTO_TEST_CASE(a_handler_may_end_its_own_watch) {
  EventLoop loop;
  ReadyPipe pipe;
  int calls = 0;
  EventLoop::Watch watch;
  const auto witness = std::make_shared<int>(7);
  watch = loop.watch(pipe.read_end.get(), EPOLLIN, [&, kept = witness](std::uint32_t) {
    watch.reset();
    calls += *kept == 7 ? 1 : 100;  // what it captured is still there
  });
  loop.run();
  BOOST_TEST(calls == 1);
  BOOST_TEST(witness.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(an_event_that_was_fetched_for_a_watch_that_has_ended_is_dropped) {
  EventLoop loop;
  ReadyPipe one, other;
  int calls = 0;
  EventLoop::Watch first, second;
  const auto end_both = [&](std::uint32_t) {
    ++calls;
    first.reset();
    second.reset();
  };
  first = loop.watch(one.read_end.get(), EPOLLIN, end_both);
  second = loop.watch(other.read_end.get(), EPOLLIN, end_both);
  loop.run();
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_reuses_a_number_does_not_get_the_old_events) {
  EventLoop loop;
  ReadyPipe one, other;
  sys::Pipe silent;
  int strays = 0;
  EventLoop::Watch first, second, replacement;
  const auto replace = [&](EventLoop::Watch& victim, ReadyPipe& pipe) {
    victim.reset();
    pipe.read_end.reset();
    silent = sys::pipe();  // takes the number that has become free
    replacement = loop.watch(silent.read_end.get(), EPOLLIN, [&](std::uint32_t) { ++strays; });
    first.reset();
    second.reset();
  };
  first = loop.watch(one.read_end.get(), EPOLLIN, [&](std::uint32_t) { replace(second, other); });
  second = loop.watch(other.read_end.get(), EPOLLIN, [&](std::uint32_t) { replace(first, one); });
  auto end = loop.after(0ms, [&] { replacement.reset(); });
  loop.run();
  BOOST_TEST(strays == 0);
}

BOOST_AUTO_TEST_CASE(a_watch_that_ends_takes_the_watches_along_that_its_handler_owns) {
  EventLoop loop;
  ReadyPipe one, other;
  auto inner =
      std::make_shared<EventLoop::Watch>(loop.watch(other.read_end.get(), 0, [](std::uint32_t) {}));
  auto outer = loop.watch(one.read_end.get(), 0, [inner](std::uint32_t) {});
  inner.reset();
  outer.reset();
  loop.run();  // returns: nothing is left
}

BOOST_AUTO_TEST_CASE(a_watch_may_outlive_its_loop) {
  ReadyPipe pipe;
  EventLoop::Watch watch;
  {
    EventLoop loop;
    watch = loop.watch(pipe.read_end.get(), EPOLLIN, [](std::uint32_t) {});
  }
  watch.reset();
}

BOOST_AUTO_TEST_CASE(a_watch_can_change_what_it_waits_for) {
  EventLoop loop;
  SocketPair pair = socket_pair();
  std::uint32_t seen = 0;
  auto watch = loop.watch(pair.ours.get(), EPOLLIN, [&](std::uint32_t events) {
    seen = events;
    loop.stop();
  });
  watch.change(EPOLLOUT);
  loop.run();
  BOOST_TEST(seen == static_cast<std::uint32_t>(EPOLLOUT));
}

BOOST_AUTO_TEST_CASE(timers_come_in_the_order_of_their_time) {
  EventLoop loop;
  std::string order;
  auto late = loop.after(20ms, [&] { order += "late "; });
  auto soon = loop.after(1ms, [&] { order += "soon "; });
  auto never = loop.after(5ms, [&] { order += "never "; });
  never.reset();
  loop.run();
  BOOST_TEST(order == "soon late ");
}

BOOST_AUTO_TEST_CASE(a_timer_can_be_set_again_by_its_own_handler) {
  EventLoop loop;
  int calls = 0;
  EventLoop::Watch timer;
  std::function<void()> tick = [&] {
    if (++calls < 3) timer = loop.after(0ms, tick);
  };
  timer = loop.after(0ms, tick);
  loop.run();
  BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(a_timer_without_delay_does_not_starve_descriptors) {
  EventLoop loop;
  ReadyPipe pipe;
  EventLoop::Watch timer;
  std::function<void()> again = [&] { timer = loop.after(0ms, again); };
  timer = loop.after(0ms, again);
  auto watch = loop.watch(pipe.read_end.get(), EPOLLIN, [&](std::uint32_t) { loop.stop(); });
  loop.run();
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_leaves_run_which_can_go_on) {
  EventLoop loop;
  ReadyPipe pipe;
  bool threw = false;
  auto watch = loop.watch(pipe.read_end.get(), EPOLLIN, [&](std::uint32_t) {
    if (!std::exchange(threw, true)) throw std::runtime_error("once");
    loop.stop();
  });
  BOOST_CHECK_THROW(loop.run(), std::runtime_error);
  loop.run();
}

BOOST_AUTO_TEST_CASE(files_and_the_null_device_cannot_be_waited_for_and_pipes_can) {
  const UniqueFd file = sys::memfd("test");
  const UniqueFd null = sys::open(AT_FDCWD, "/dev/null", O_RDWR);
  const sys::Pipe pipe = sys::pipe();
  BOOST_TEST(!is_pollable(file.get()));
  BOOST_TEST(!is_pollable(null.get()));
  BOOST_TEST(is_pollable(pipe.read_end.get()));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_turn_comes_after_all_of_its_events) {
  EventLoop loop;
  ReadyPipe one, other;
  int seen = 0, seen_at_end = 0, ends = 0;
  const auto count = [&](std::uint32_t) { ++seen; };
  auto first = loop.watch(one.read_end.get(), EPOLLIN, count);
  auto second = loop.watch(other.read_end.get(), EPOLLIN, count);
  auto timer = loop.after(0ms, [&] { ++seen; });
  auto end = loop.at_turn_end([&] {
    ++ends;
    seen_at_end = seen;
    loop.stop();
  });
  loop.run();
  BOOST_TEST(ends == 1);
  BOOST_TEST(seen_at_end == 3);
}

BOOST_AUTO_TEST_CASE(the_watch_of_a_turns_end_may_end_within_it_and_keeps_no_loop_going) {
  EventLoop loop;
  int ends = 0;
  EventLoop::Watch end = loop.at_turn_end([&] {
    ++ends;
    end.reset();
  });
  loop.run();
  BOOST_TEST(ends == 0);
  EventLoop::Watch timer = loop.after(0ms, [&] { timer = loop.after(0ms, [] {}); });
  loop.run();
  BOOST_TEST(ends == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
