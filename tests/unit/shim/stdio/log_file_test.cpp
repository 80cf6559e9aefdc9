#include "shim/stdio/log_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;
using test::read_file;
using test::write_file;

const LogFile::Time start{1000s};

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

BOOST_AUTO_TEST_SUITE(log_file)

BOOST_AUTO_TEST_CASE(records_are_appended_to_what_is_there) {
  const test::TempDir dir;
  write_file(dir / "log", "old\n");
  LogFile log{{.path = dir / "log"}};
  BOOST_TEST(log.append("new\n", start));
  BOOST_TEST(read_file(dir / "log") == "old\nnew\n");
}

BOOST_AUTO_TEST_CASE(a_last_line_that_was_cut_gets_its_newline) {
  const test::TempDir dir;
  write_file(dir / "log", "ol");
  LogFile log{{.path = dir / "log"}};
  log.append("new\n", start);
  BOOST_TEST(read_file(dir / "log") == "ol\nnew\n");
}

BOOST_AUTO_TEST_CASE(a_new_file_is_for_its_owner_and_group) {
  const test::TempDir dir;
  const mode_t mask = ::umask(022);
  const LogFile log{{.path = dir / "log"}};
  ::umask(mask);
  struct stat facts;
  BOOST_REQUIRE(::stat((dir / "log").c_str(), &facts) == 0);
  BOOST_TEST((facts.st_mode & 07777) == 0640u);
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused) {
  const test::TempDir dir;
  write_file(dir / "target", "");
  BOOST_REQUIRE(::symlink("target", (dir / "link").c_str()) == 0);
  BOOST_REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  BOOST_REQUIRE(::mkdir((dir / "directory").c_str(), 0700) == 0);
  for (const std::string& path :
       {dir / "link", dir / "fifo", dir / "directory", dir / "no/log", std::string("/dev/null")}) {
    BOOST_CHECK_EXCEPTION(LogFile{{.path = path}}, Error, [&](const Error& error) {
      return std::string(error.what()).find("log " + path) != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_CASE(at_its_size_a_file_is_rotated_and_the_oldest_goes) {
  const test::TempDir dir;
  LogFile log{{.path = dir / "log", .max_size = 10, .max_files = 3}};
  for (char c = 'a'; c <= 'g'; ++c) log.append(std::string(4, c) + "\n", start);
  BOOST_TEST(read_file(dir / "log") == "gggg\n");
  BOOST_TEST(read_file(dir / "log.1") == "eeee\nffff\n");
  BOOST_TEST(read_file(dir / "log.2") == "cccc\ndddd\n");
  BOOST_TEST(!exists(dir / "log.3"));
  BOOST_TEST(log.rotations() == 3u);
}

BOOST_AUTO_TEST_CASE(a_batch_is_divided_between_files_at_the_end_of_a_record) {
  const test::TempDir dir;
  LogFile log{{.path = dir / "log", .max_size = 10, .max_files = 9}};
  log.append("aaa\nbbb\nccc\nddd\nlonger than a file\ne\n", start);
  BOOST_TEST(read_file(dir / "log.3") == "aaa\nbbb\n");
  BOOST_TEST(read_file(dir / "log.2") == "ccc\nddd\n");
  BOOST_TEST(read_file(dir / "log.1") == "longer than a file\n");
  BOOST_TEST(read_file(dir / "log") == "e\n");
}

BOOST_AUTO_TEST_CASE(a_size_is_exact) {
  for (const std::size_t size : {7u, 8u, 9u}) {
    const test::TempDir dir;
    LogFile log{{.path = dir / "log", .max_size = size, .max_files = 2}};
    log.append("aaa\n", start);
    log.append("bbb\n", start);
    BOOST_TEST(exists(dir / "log.1") == (size < 8));
  }
}

BOOST_AUTO_TEST_CASE(with_one_file_it_starts_again) {
  const test::TempDir dir;
  LogFile log{{.path = dir / "log", .max_size = 8, .max_files = 1}};
  log.append("aaa\nbbb\nccc\n", start);
  BOOST_TEST(read_file(dir / "log") == "ccc\n");
  BOOST_TEST(!exists(dir / "log.1"));
}

BOOST_AUTO_TEST_CASE(a_file_renamed_by_another_is_left_at_reopen) {
  const test::TempDir dir;
  LogFile log{{.path = dir / "log"}};
  log.append("before\n", start);
  BOOST_REQUIRE(::rename((dir / "log").c_str(), (dir / "log.old").c_str()) == 0);
  log.append("still\n", start);
  log.reopen();
  log.append("after\n", start);
  BOOST_TEST(read_file(dir / "log.old") == "before\nstill\n");
  BOOST_TEST(read_file(dir / "log") == "after\n");
}

BOOST_AUTO_TEST_CASE(a_reopen_that_fails_leaves_the_file_as_it_was) {
  const test::TempDir dir;
  LogFile log{{.path = dir / "log"}};
  BOOST_REQUIRE(::rename((dir / "log").c_str(), (dir / "log.old").c_str()) == 0);
  BOOST_REQUIRE(::symlink("elsewhere", (dir / "log").c_str()) == 0);
  BOOST_CHECK_THROW(log.reopen(), Error);
  BOOST_TEST(log.append("on\n", start));
  BOOST_TEST(read_file(dir / "log.old") == "on\n");
  BOOST_TEST(!exists(dir / "elsewhere"));
}

BOOST_AUTO_TEST_CASE(a_rotation_that_fails_holds_the_size_and_is_tried_again) {
  const test::TempDir dir;
  LogFile log{{.path = dir / "log", .max_size = 8, .max_files = 2}};
  BOOST_REQUIRE(::mkdir((dir / "log.1").c_str(), 0700) == 0);  // in the way of the rename
  BOOST_TEST(log.append("aaa\nbbb\nccc\n", start));
  BOOST_TEST(log.kept_bytes() == 4u);
  BOOST_TEST(!log.append("ddd\n", start + 500ms));
  BOOST_TEST(!log.append("ddd\n", start + 1s));
  BOOST_TEST(log.errors() == 2u);
  BOOST_TEST(read_file(dir / "log") == "aaa\nbbb\n");
  BOOST_REQUIRE(::rmdir((dir / "log.1").c_str()) == 0);
  BOOST_TEST(log.append("eee\n", start + 2s));
  BOOST_TEST(read_file(dir / "log.1") == "aaa\nbbb\n");
  BOOST_TEST(read_file(dir / "log") == "ccc\neee\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
