#include "runtime/criu/log.hpp"

#include <boost/test/unit_test.hpp>

using namespace ocelot::criu;

BOOST_AUTO_TEST_SUITE(criu_log)

BOOST_AUTO_TEST_CASE(the_first_errors_are_told_once_each_and_without_their_times) {
  BOOST_TEST(errors_in("(00.000100) Dumping processes\n"
                       "(00.000200) Error (criu/a.c:1): first\n"
                       "(00.000300) Warn  (criu/a.c:2): no error\n"
                       "(00.000400) Error (criu/a.c:1): first\n"
                       "(00.000500) Error (criu/b.c:2): second\n"
                       "(00.000600) Error (criu/c.c:3): third\n"
                       "(00.000700) Error (criu/d.c:4): who gave up\n") ==
             "Error (criu/a.c:1): first; Error (criu/b.c:2): second; Error (criu/c.c:3): third");
  BOOST_TEST(errors_in("(00.000100) all is well\n").empty());
  BOOST_TEST(errors_in("").empty());
}

BOOST_AUTO_TEST_CASE(what_a_container_has_named_forges_no_line) {
  BOOST_TEST(errors_in("Error (criu/a.c:1): file \x1b[2J\r") ==
             "Error (criu/a.c:1): file \\x1b[2J");
}

BOOST_AUTO_TEST_CASE(a_known_error_has_advice) {
  BOOST_TEST(hint_for("Error (criu/vdso.c:381): vdso: Unexpected rt vDSO area bounds") ==
             "this criu does not know this kernel: install a newer one");
  BOOST_TEST(hint_for("Error (criu/files-reg.c:1710): Can't lookup mount=35 for fd=1")
                 .starts_with("a process has a file open that lies outside"));
  BOOST_TEST(hint_for("Error (criu/x.c:1): Can't dump tmpfs content").starts_with("install tar"));
  BOOST_TEST(hint_for("Error (criu/x.c:1): Can't start something else").empty());
}

BOOST_AUTO_TEST_SUITE_END()
