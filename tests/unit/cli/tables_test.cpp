// Tables: those that are printed, and that of ps(1), which is read.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/cli/ps_lines.hpp"
#include "runtime/cli/text_table.hpp"

using namespace ocelot;
using namespace ocelot::cli;

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(columns_are_twelve_wide_or_three_more_than_their_longest_cell) {
  BOOST_TEST(text_table({{"ID", "PID"}, {"a", "1"}}) == "ID          PID\na           1\n");
  BOOST_TEST(text_table({{"ID", "PID"}, {"0123456789", "1"}}) ==
             "ID           PID\n0123456789   1\n");
}

BOOST_AUTO_TEST_CASE(the_last_column_has_no_blanks_behind_it) {
  BOOST_TEST(text_table({{"A", "LONG HEADER"}, {"b", "c"}}) ==
             "A           LONG HEADER\nb           c\n");
}

BOOST_AUTO_TEST_CASE(a_cell_cannot_begin_another_line) {
  BOOST_TEST(text_table({{"a\nb", "c"}}) == "a\\x0ab      c\n");
}

BOOST_AUTO_TEST_CASE(lines_of_ps_are_chosen_by_the_column_named_pid) {
  const std::vector<pid_t> pids{7, 30};
  BOOST_TEST(lines_of("UID PID CMD\nroot 3 30\n\nroot  7 x y\nroot 30 z\n", pids) ==
             "UID PID CMD\nroot  7 x y\nroot 30 z\n");
  BOOST_TEST(lines_of("  PID CMD\n", pids) == "  PID CMD\n");
}

BOOST_AUTO_TEST_CASE(output_of_ps_that_names_no_process_is_an_error) {
  const std::vector<pid_t> pids{7};
  BOOST_CHECK_THROW(lines_of("COMMAND\nsh\n", pids), Error);
  BOOST_CHECK_THROW(lines_of("", pids), Error);
  BOOST_CHECK_THROW(lines_of("UID PID\nroot x\n", pids), Error);
  BOOST_CHECK_THROW(lines_of("UID PID\nroot\n", pids), Error);
}

BOOST_AUTO_TEST_SUITE_END()
