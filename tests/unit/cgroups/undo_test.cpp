// What an update that fails leaves behind: nothing.
#include "cgroups/undo.hpp"

#include <boost/test/unit_test.hpp>

#include "cgroups/v2_settings.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using ocelot::test::read_file;
using ocelot::test::TempDir;
using ocelot::test::write_file;

BOOST_AUTO_TEST_SUITE(undo)

BOOST_AUTO_TEST_CASE(file_of_one_value_gets_it_back) {
  BOOST_TEST(restoring_value({"pids.max", "5"}, "max\n") == "max");
  BOOST_TEST(restoring_value({"cpu.max", "5 6"}, "max 100000\n") == "max 100000");
  BOOST_TEST(restoring_value({"cpuset.cpus", "0"}, "\n") == "\n");
  BOOST_TEST(restoring_value({"memory.oom_control", "1"}, "oom_kill_disable 0\nunder_oom 0\n") ==
             "0");
}

BOOST_AUTO_TEST_CASE(file_of_one_line_a_device_gets_that_line_back) {
  BOOST_TEST(restoring_value({"io.max", "8:0 rbps=5"},
                             "8:16 rbps=1 wbps=max riops=max wiops=max\n"
                             "8:0 rbps=9 wbps=max riops=max wiops=max\n") ==
             "8:0 rbps=9 wbps=max riops=max wiops=max");
  BOOST_TEST(restoring_value({"io.max", "8:0 rbps=5"}, "") ==
             "8:0 rbps=max wbps=max riops=max wiops=max");
  BOOST_TEST(restoring_value({"blkio.throttle.read_bps_device", "8:0 5"}, "8:0 7\n") == "8:0 7");
  BOOST_TEST(restoring_value({"blkio.throttle.read_bps_device", "8:0 5"}, "") == "8:0 0");
  BOOST_TEST(restoring_value({"io.weight", "50"}, "default 100\n8:0 20\n") == "default 100");
  BOOST_TEST(restoring_value({"io.weight", "8:0 50"}, "default 100\n") == "8:0 default");
}

BOOST_AUTO_TEST_CASE(change_that_fails_is_undone_and_told) {
  const TempDir directory;
  const Cgroup cgroup{directory.path(), ""};
  write_file(directory / "pids.max", "max\n");
  const auto failing = [&](Undo& undo) {
    write(
        {{"pids.max", "5"}, {"cpu.shares", "1"}},
        [&](std::string_view) -> const Cgroup& { return cgroup; }, &undo);
  };
  BOOST_CHECK_EXCEPTION(all_or_nothing(failing), Error, [](const Error& error) {
    return std::string(error.what()).find("cpu.shares") != std::string::npos;
  });
  // A plain file keeps what is behind a shorter text; the kernel's do not.
  BOOST_TEST(read_file(directory / "pids.max").starts_with("max"));
}

BOOST_AUTO_TEST_CASE(who_listens_hears_of_what_was_restored_and_does_not_overrule_it) {
  const TempDir directory;
  const Cgroup cgroup{directory.path(), ""};
  write_file(directory / "cpu.max", "11111 20000");
  std::string heard;
  const auto failing = [&](Undo& undo) {
    undo.add({&cgroup, "cpu.max", "50100 99999"});
    undo.set_listener([&] {
      heard = undo.written_since(0).front().value;
      write_file(directory / "cpu.max", "51000 99999");
    });
    throw Error{ErrorKind::Failed, "first"};
  };
  BOOST_CHECK_THROW(all_or_nothing(failing), Error);
  BOOST_TEST(heard == "50100 99999");
  BOOST_TEST(read_file(directory / "cpu.max") == "50100 99999");
}

BOOST_AUTO_TEST_CASE(restoring_that_fails_is_told_too) {
  const TempDir directory;
  const Cgroup cgroup{directory.path(), ""};
  const auto failing = [&](Undo& undo) {
    undo.add({&cgroup, "gone", "1"});
    throw Error{ErrorKind::Failed, "first"};
  };
  BOOST_CHECK_EXCEPTION(all_or_nothing(failing), Error, [](const Error& error) {
    const std::string text = error.what();
    return text.starts_with("first; ") && text.find("could not be restored") != std::string::npos &&
           text.find("gone") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(on_v2_the_sum_of_memory_and_swap_stays_when_one_is_changed) {
  oci::MemoryResources more{.limit = 150};
  v2::complete(more, {"100\n", "100\n"});
  BOOST_TEST(more.swap.value() == 200);
  oci::MemoryResources unlimited{.limit = 150};
  v2::complete(unlimited, {"100\n", "max\n"});
  BOOST_TEST(!unlimited.swap.has_value());
  oci::MemoryResources swap{.swap = 300};
  v2::complete(swap, {"100\n", "max\n"});
  BOOST_TEST(swap.limit.value() == 100);
}

BOOST_AUTO_TEST_SUITE_END()
