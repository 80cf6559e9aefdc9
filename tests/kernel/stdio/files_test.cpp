#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/kernel/stdio/fixture.hpp"

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;

// A file system of 128 KiB that only this program sees.
class SmallDisk {
 public:
  SmallDisk() {
    test::checked(::unshare(CLONE_NEWNS), "unshare");
    test::checked(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount /");
    test::checked(::mount("disk", dir_.path().c_str(), "tmpfs", 0, "size=128k"), "mount tmpfs");
  }
  ~SmallDisk() { ::umount2(dir_.path().c_str(), MNT_DETACH); }
  std::string operator/(const std::string& name) const { return dir_ / name; }
  void fill() const {
    const UniqueFd file{::open((dir_ / "filler").c_str(), O_CREAT | O_WRONLY, 0600)};
    while (sys::try_write(file.get(), std::string(1000, 'x')) > 0) {
    }
  }
  void clear() const { ::unlink((dir_ / "filler").c_str()); }

 private:
  test::TempDir dir_;
};

// Each line is a whole record of the CRI.
bool is_whole(const std::string& log) {
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = log.find('\n', begin);
    if (end == std::string::npos) return false;
    const std::string line = log.substr(begin, end - begin);
    if (line.size() < 40 || line[29] != 'Z' || line.substr(30, 3) != " st") return false;
    if (line.substr(37, 3) != " F " && line.substr(37, 3) != " P ") return false;
    begin = end + 1;
  }
  return true;
}

std::string numbers(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_full_disk_holds_nobody_and_does_not_end_the_reading) {
  const SmallDisk disk;
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, with_log(disk / "log"), std::move(ends.streams)};
  ChildProcess process = start_shell("seq 100000; echo half-way >&2; read go; echo back", ends);
  stdio.started();
  // 588895 bytes of output for a disk of 128 KiB.
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stderr_bytes == 9; }));
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == 588895; }));
  const StdioCounters full = stdio.counters();
  BOOST_TEST(full.log.last_error == ENOSPC);
  BOOST_TEST(full.log.dropped_lines > 90000u);
  const auto client = stdio.attach({.input = true});
  sys::write_all(client[0].get(), "go\n");
  run_to_end(loop, stdio, process);
  BOOST_TEST(stdio.counters().stdout_bytes == 588900u);
  const std::string log = read_file(disk / "log");
  // All but the last record, of which there may be a part.
  BOOST_TEST(is_whole(log.substr(0, log.rfind('\n') + 1)));
  BOOST_TEST(text_of(log).starts_with(numbers(1, 1000)));
}

BOOST_AUTO_TEST_CASE(when_there_is_space_again_a_log_goes_on_and_tells_what_is_missing) {
  const SmallDisk disk;
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, with_log(disk / "log"), std::move(ends.streams)};
  sys::write_all(ends.stdout_end.get(), "before\n");
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == 7; }));
  disk.fill();
  std::uint64_t written = 7;
  for (int i = 0; i < 500; ++i) {
    sys::write_all(ends.stdout_end.get(), std::string(99, 'm') + "\n");
    written += 100;
    BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == written; }));
  }
  BOOST_TEST(stdio.counters().log.errors > 0u);
  BOOST_TEST(stdio.counters().log.dropped_lines > 400u);
  disk.clear();
  BOOST_TEST(run_until(loop, [&] {
    sys::write_all(ends.stdout_end.get(), "again\n");
    return read_file(disk / "log").ends_with("F again\n");
  }));
  const std::string log = read_file(disk / "log");
  BOOST_TEST(is_whole(log));
  BOOST_TEST(text_of(log).starts_with("before\n"));
  BOOST_TEST(log.find(" dropped here]\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rotation_under_load_loses_nothing) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_pipes();
  StdioOptions options = with_log(dir / "log");
  options.log->file.max_size = 20000;
  options.log->file.max_files = 1000;
  Stdio stdio{loop, options, std::move(ends.streams)};
  ChildProcess process = start_shell("seq 1 100000", ends);
  run_to_end(loop, stdio, process);
  const std::uint64_t rotations = stdio.counters().log.rotations;
  BOOST_TEST(rotations > 100u);
  std::string all;
  for (std::uint64_t i = rotations; i > 0; --i) {
    const std::string file = read_file(dir / ("log." + std::to_string(i)));
    BOOST_TEST(file.size() <= 20000u);
    BOOST_TEST(is_whole(file));
    all += text_of(file);
  }
  all += text_of(read_file(dir / "log"));
  BOOST_TEST((all == numbers(1, 100000)));
}

BOOST_AUTO_TEST_CASE(files_that_another_program_renames_under_load_lose_nothing) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, with_log(dir / "log"), std::move(ends.streams)};
  ChildProcess process = start_shell("seq 1 100000", ends);
  int renamed = 0;
  std::uint64_t seen = 0;
  BOOST_REQUIRE(run_until(loop, [&] {
    if (stdio.counters().stdout_bytes > seen) {
      seen = stdio.counters().stdout_bytes;
      const std::string old = dir / ("old" + std::to_string(renamed++));
      test::checked(::rename((dir / "log").c_str(), old.c_str()), "rename");
      stdio.reopen_log();
    }
    return stdio.counters().stdout_bytes == 588895;
  }));
  run_to_end(loop, stdio, process);
  BOOST_TEST(renamed > 1);
  std::string all;
  for (int i = 0; i < renamed; ++i) {
    const std::string file = read_file(dir / ("old" + std::to_string(i)));
    BOOST_TEST(is_whole(file));
    all += text_of(file);
  }
  all += text_of(read_file(dir / "log"));
  BOOST_TEST((all == numbers(1, 100000)));
}

BOOST_AUTO_TEST_CASE(a_prompt_is_in_the_log_while_the_process_waits) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, with_log(dir / "log"), std::move(ends.streams)};
  sys::write_all(ends.stdout_end.get(), "password: ");
  BOOST_TEST(
      run_until(loop, [&] { return read_file(dir / "log").ends_with(" stdout P password: \n"); }));
}

BOOST_AUTO_TEST_CASE(a_rate_with_hold_slows_the_process_and_loses_nothing) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_pipes();
  StdioOptions options = with_log(dir / "log");
  options.log->rate = 1000000;
  options.log->burst = 1000;
  options.log->over_rate = OverRate::hold;
  Stdio stdio{loop, options, std::move(ends.streams)};
  ChildProcess process = start_shell("seq 1 100000", ends);
  const auto begin = std::chrono::steady_clock::now();
  run_to_end(loop, stdio, process);
  BOOST_TEST((std::chrono::steady_clock::now() - begin > 400ms));
  BOOST_TEST((text_of(read_file(dir / "log")) == numbers(1, 100000)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
