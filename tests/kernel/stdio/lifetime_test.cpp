#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/stdio_fifos.hpp"
#include "tests/kernel/stdio/fixture.hpp"

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;

// The container's side and the shim's of three FIFOs in `dir`.
struct Fifos {
  explicit Fifos(const test::TempDir& dir)
      : directory(sys::open(AT_FDCWD, dir.path(), O_PATH | O_DIRECTORY)) {
    ContainerEnds theirs = make_fifos(directory.get());
    ends.stdin_end = std::move(theirs.stdin_end);
    ends.stdout_end = std::move(theirs.stdout_end);
    ends.stderr_end = std::move(theirs.stderr_end);
  }
  Streams open() const {
    ShimEnds ours = open_shim_ends(directory.get());
    Streams streams;
    streams.stdin_write = std::move(ours.stdin_write);
    streams.stdout_read = std::move(ours.stdout_read);
    streams.stderr_read = std::move(ours.stderr_read);
    streams.stdout_twin = std::move(ours.stdout_twin);
    streams.stderr_twin = std::move(ours.stderr_twin);
    return streams;
  }
  UniqueFd directory;
  Ends ends;
};

std::chrono::microseconds cpu_time() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

BOOST_AUTO_TEST_SUITE(lifetime)

BOOST_AUTO_TEST_CASE(fifos_are_for_their_owner_and_are_not_made_twice) {
  const test::TempDir dir;
  const Fifos fifos{dir};
  for (const char* name : {"stdin", "stdout", "stderr"}) {
    const auto facts = sys::stat_if_exists(fifos.directory.get(), name);
    BOOST_REQUIRE(facts.has_value());
    BOOST_TEST(S_ISFIFO(facts->st_mode));
    BOOST_TEST((facts->st_mode & 07777) == 0600u);
  }
  BOOST_CHECK_EXCEPTION(make_fifos(fifos.directory.get()), Error, [](const Error& error) {
    return error.kind() == ErrorKind::AlreadyExists;
  });
  BOOST_TEST(sys::stat_if_exists(fifos.directory.get(), "stdin").has_value());
}

BOOST_AUTO_TEST_CASE(a_name_that_is_taken_leaves_no_fifo_behind) {
  const test::TempDir dir;
  test::write_file(dir / "stderr", "mine");
  const UniqueFd directory = sys::open(AT_FDCWD, dir.path(), O_PATH | O_DIRECTORY);
  BOOST_CHECK_THROW(make_fifos(directory.get()), Error);
  BOOST_TEST(!sys::stat_if_exists(directory.get(), "stdin"));
  BOOST_TEST(!sys::stat_if_exists(directory.get(), "stdout"));
  BOOST_TEST(read_file(dir / "stderr") == "mine");
}

BOOST_AUTO_TEST_CASE(what_is_no_fifo_is_not_opened_as_one) {
  const test::TempDir dir;
  const Fifos fifos{dir};
  sys::unlink(fifos.directory.get(), "stdout");
  test::write_file(dir / "stdout", "");
  BOOST_CHECK_THROW(fifos.open(), Error);
}

BOOST_AUTO_TEST_CASE(a_fifo_whose_process_is_gone_has_ended_at_once) {
  const test::TempDir dir;
  Fifos fifos{dir};
  EventLoop loop;
  Stdio stdio{loop, with_log(dir / "log"), fifos.open()};
  ChildProcess process = start_shell("cat; echo out; printf last >&2", fifos.ends);
  stdio.started();
  stdio.close_stdin();
  BOOST_TEST(run_to_end(loop, stdio, process).count() < 1000);
  const std::string log = read_file(dir / "log");
  BOOST_TEST(log.find(" stdout F out\n") != std::string::npos);
  BOOST_TEST(log.find(" stderr P last\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_fifo_does_not_end_while_the_process_has_it_closed) {
  const test::TempDir dir;
  Fifos fifos{dir};
  EventLoop loop;
  Stdio stdio{loop, {}, fifos.open()};
  const auto client = stdio.attach({});
  fifos.ends.stdout_end.reset();
  run_until(
      loop, [] { return false; }, 5ms);
  BOOST_TEST(stdio.counters().clients == 1u);
  const UniqueFd again = sys::open(fifos.directory.get(), "stdout", O_WRONLY | O_NONBLOCK);
  sys::write_all(again.get(), "more");
  BOOST_TEST(run_until(loop, [&] { return stdio.counters().stdout_bytes == 4; }));
}

BOOST_AUTO_TEST_CASE(a_container_outlives_its_shim_and_the_next_one_hears_it) {
  const test::TempDir dir;
  Fifos fifos{dir};
  EventLoop loop;
  BOOST_REQUIRE(::mkfifo((dir / "go").c_str(), 0600) == 0);
  const UniqueFd go = sys::open(AT_FDCWD, dir / "go", O_RDWR);
  ChildProcess process;
  {
    Stdio stdio{loop, with_log(dir / "first"), fifos.open()};
    process = start_shell("echo one; read go < " + (dir / "go") + "; seq 1 50000", fifos.ends);
    BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == 4; }));
  }
  // Nobody is there: it writes until the FIFO is full, and waits.
  sys::write_all(go.get(), "go\n");
  BOOST_TEST(!process.wait_for(50));
  Stdio stdio{loop, with_log(dir / "second"), fifos.open()};
  run_to_end(loop, stdio, process);
  const std::string text = text_of(read_file(dir / "second"));
  BOOST_TEST(text.size() == 288894u);
  BOOST_TEST(text.starts_with("1\n2\n"));
  BOOST_TEST(text.ends_with("49999\n50000\n"));
}

BOOST_AUTO_TEST_CASE(a_descendant_that_keeps_the_streams_is_waited_for_two_seconds) {
  for (const auto make : {make_pipes, make_terminal}) {
    const test::TempDir dir;
    EventLoop loop;
    Ends ends = make();
    Stdio stdio{loop, with_log(dir / "log"), std::move(ends.streams)};
    // Held by a process that ends with the FIFO's only writer, this test.
    BOOST_REQUIRE(::mkfifo((dir / "hold").c_str(), 0600) == 0);
    const UniqueFd hold = sys::open(AT_FDCWD, dir / "hold", O_RDWR);
    ChildProcess process =
        start_shell("trap '' HUP; (read x < " + (dir / "hold") + ") & echo out", ends);
    const auto took = run_to_end(loop, stdio, process);
    BOOST_TEST(took.count() >= 1990);
    BOOST_TEST(took.count() < 5000);
    BOOST_TEST(text_of(read_file(dir / "log")).starts_with("out"));
    sys::write_all(hold.get(), "\n");
  }
}

BOOST_AUTO_TEST_CASE(nobody_is_waited_for_when_the_cgroup_is_empty) {
  for (const auto make : {make_pipes, make_terminal}) {
    for (const bool before : {false, true}) {
      EventLoop loop;
      Ends ends = make();
      Stdio stdio{loop, {}, std::move(ends.streams)};
      sys::write_all(ends.stdout_end.get(), "out");  // which stays open here
      const auto begin = std::chrono::steady_clock::now();
      if (before) stdio.cgroup_empty();
      stdio.finish([&] { loop.stop(); });
      if (!before) stdio.cgroup_empty();
      loop.run();
      BOOST_TEST((std::chrono::steady_clock::now() - begin < 1s));
      BOOST_TEST(stdio.counters().stdout_bytes == 3u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_descendant_that_never_stops_writing_is_cut_off) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  ChildProcess process = start_shell("yes & exit", ends);
  const auto took = run_to_end(loop, stdio, process);
  BOOST_TEST(took.count() < 1900);
}

BOOST_AUTO_TEST_CASE(a_client_that_reads_nothing_does_not_keep_the_end_away) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_pipes();
  StdioOptions options = with_log(dir / "log");
  options.patience = 3600s;
  Stdio stdio{loop, options, std::move(ends.streams)};
  const auto client = stdio.attach({});
  // More than its pipe holds, less than both pipes do.
  ChildProcess process = start_shell("head -c 120000 /dev/zero", ends);
  BOOST_TEST(run_to_end(loop, stdio, process).count() < 5000);
  BOOST_TEST(text_of(read_file(dir / "log")).size() == 120000u);
}

BOOST_AUTO_TEST_CASE(a_terminal_that_nobody_has_open_costs_nothing_and_may_be_opened_again) {
  EventLoop loop;
  Ends ends = make_terminal();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  sys::write_all(ends.stdout_end.get(), "one");
  ends = {};
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == 3; }));
  bool over = false;
  const auto before = cpu_time();
  const auto timer = loop.after(300ms, [&] {
    over = true;
    loop.stop();
  });
  while (!over) loop.run();
  BOOST_TEST((cpu_time() - before).count() < 100000);
  const UniqueFd again = sys::open_terminal_peer(stdio.terminal());
  sys::write_all(again.get(), "two");
  BOOST_TEST(run_until(loop, [&] { return stdio.counters().stdout_bytes == 6; }));
}

BOOST_AUTO_TEST_CASE(a_terminal_has_the_size_it_was_given_before_the_start) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_terminal();
  Stdio stdio{loop, with_log(dir / "log"), std::move(ends.streams)};
  stdio.resize({.ws_row = 12, .ws_col = 34});
  ChildProcess process = start_shell("stty size", ends);
  run_to_end(loop, stdio, process);
  BOOST_TEST(text_of(read_file(dir / "log")) == "12 34\r\n");
}

BOOST_AUTO_TEST_CASE(what_is_handed_over_goes_on_where_it_was) {
  for (const auto make : {make_pipes, make_terminal}) {
    EventLoop loop;
    Ends ends = make();
    auto first = std::make_unique<Stdio>(loop, StdioOptions{}, std::move(ends.streams));
    sys::write_all(ends.stdout_end.get(), "first ");
    first->close_stdin();
    BOOST_REQUIRE(run_until(loop, [&] { return first->counters().stdout_bytes == 6; }));
    Stdio::Handover handover = first->hand_over();
    first.reset();
    sys::write_all(ends.stdout_end.get(), "second");
    Stdio second{loop, {}, std::move(handover.streams)};
    second.go_on(handover);
    BOOST_REQUIRE(run_until(loop, [&] { return second.counters().stdout_bytes == 12; }));
    const auto client = second.attach({});
    BOOST_TEST(take_all(client[0].get()) == "first second");
    second.started();
    sys::set_nonblocking(ends.stdin_end.get(), true);
    std::array<char, 8> byte;
    BOOST_TEST(run_until(loop, [&] { return sys::try_read(ends.stdin_end.get(), byte) == 0; }));
  }
}

BOOST_AUTO_TEST_CASE(who_is_attached_stays_so_and_misses_nothing) {
  EventLoop loop;
  Ends ends = make_pipes();
  auto first = std::make_unique<Stdio>(loop, StdioOptions{.patience = std::chrono::hours{1}},
                                       std::move(ends.streams));
  first->started();
  const auto client = first->attach({.input = true});
  const auto slow = first->attach({});
  // More than a pipe takes: the rest is owed to both.
  const std::string text(60'000, 'x');
  sys::write_all(ends.stdout_end.get(), text + "one");
  BOOST_REQUIRE(run_until(loop, [&] { return first->counters().stdout_bytes == 60'003; }));
  sys::write_all(ends.stdout_end.get(), text + "two");
  BOOST_REQUIRE(run_until(loop, [&] { return first->counters().stalls > 0; }));
  sys::write_all(client[0].get(), "typed ");
  BOOST_REQUIRE(run_until(loop, [&] { return first->counters().stdin_bytes == 6; }));
  Stdio::Handover handover = first->hand_over();
  first.reset();
  sys::write_all(client[0].get(), "meanwhile");

  Stdio second{loop, {}, std::move(handover.streams)};
  second.go_on(handover);
  BOOST_TEST(second.counters().clients == 2u);
  BOOST_TEST(second.counters().attached == 2u);
  std::string seen, seen_slowly;
  BOOST_TEST(run_until(loop, [&] {
    seen += take_all(client[1].get());
    seen_slowly += take_all(slow[0].get());
    return seen.size() >= 2 * (text.size() + 3) && seen_slowly.size() >= seen.size();
  }));
  BOOST_TEST((seen == text + "one" + text + "two"));
  BOOST_TEST((seen_slowly == seen));
  BOOST_TEST(second.counters().lost_bytes == 0u);
  BOOST_TEST(second.counters().stdout_bytes == seen.size());
  std::string typed;
  sys::set_nonblocking(ends.stdin_end.get(), true);
  BOOST_TEST(run_until(loop, [&] {
    std::array<char, 64> buffer;
    const ssize_t count = sys::try_read(ends.stdin_end.get(), buffer);
    if (count > 0) typed.append(buffer.data(), static_cast<std::size_t>(count));
    return typed == "typed meanwhile";
  }));
  // A new one is another than those.
  const auto third = second.attach({});
  BOOST_TEST(second.counters().clients == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
