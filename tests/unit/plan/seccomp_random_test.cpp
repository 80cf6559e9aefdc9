#include <boost/test/unit_test.hpp>
#include <random>

#include "random_profile.hpp"

using namespace ocelot::test;

BOOST_AUTO_TEST_SUITE(seccomp_random)

BOOST_AUTO_TEST_CASE(the_program_answers_as_the_profile_reads) {
  std::mt19937_64 random{20260101};
  for (int round = 0; round < 150; ++round) {
    const RandomProfile made = random_profile(random);
    const std::string filter = ocelot::compile_seccomp(made.profile).filter;
    for (int i = 0; i < 400; ++i) {
      const Call call = random_call(random, made);
      const std::uint32_t got = ask(filter, call.arch, call.number, call.arguments);
      const std::uint32_t expected = expected_answer(made, call);
      if (got != expected) BOOST_TEST_CONTEXT("round " << round << ", " << describe(call)) {
          BOOST_REQUIRE(got == expected);
        }
    }
  }
}

// Else the test above would compare little more than default actions.
BOOST_AUTO_TEST_CASE(random_calls_reach_rules_defaults_and_enosys_alike) {
  std::mt19937_64 random{20260101};
  int rules = 0, defaults = 0, enosys = 0, other_arch = 0;
  for (int round = 0; round < 50; ++round) {
    const RandomProfile made = random_profile(random);
    for (int i = 0; i < 100; ++i) {
      const Call call = random_call(random, made);
      const std::uint32_t answer = expected_answer(made, call);
      if (!made.conventions.contains(convention_of(call)))
        ++other_arch;
      else if (answer == made.default_answer)
        ++defaults;
      else if (answer == SCMP_ACT_ERRNO(ENOSYS))
        ++enosys;
      else
        ++rules;
    }
  }
  for (const int count : {rules, defaults, enosys, other_arch}) BOOST_TEST(count > 100);
}

BOOST_AUTO_TEST_SUITE_END()
