#include "oci/names.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <set>

using namespace ocelot::oci;

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(signals_are_numbers_and_names_with_or_without_SIG_in_any_case) {
  for (const char* word : {"SIGTERM", "TERM", "term", "sigterm", "SigTerm", "15"})
    BOOST_TEST(signal_number(word).value() == SIGTERM, word);
  BOOST_TEST(signal_number("KILL").value() == SIGKILL);
  BOOST_TEST(signal_number("SIGRTMIN").value() == SIGRTMIN);
  BOOST_TEST(signal_number("RTMIN+3").value() == SIGRTMIN + 3);
  BOOST_TEST(signal_number("SIGRTMAX").value() == SIGRTMAX);
  BOOST_TEST(signal_number("rtmax-1").value() == SIGRTMAX - 1);
  BOOST_TEST(signal_number("64").value() == 64);
  for (const char* word :
       {"", "SIG", "0", "65", "-1", "+9", "9 ", " 9", "9x", "FOO", "SIGSIGTERM", "RTMIN+",
        "RTMIN+31", "RTMAX-31", "RTMIN-1", "RTMIN++1", "99999999999"}) {
    BOOST_TEST(!signal_number(word).has_value(), word);
  }
}

BOOST_AUTO_TEST_CASE(a_signals_name_is_read_back_as_its_number) {
  for (int number = 1; number <= 64; ++number) {
    BOOST_TEST_CONTEXT(signal_name(number)) {
      BOOST_TEST(signal_number(signal_name(number)).value() == number);
    }
  }
  BOOST_TEST(signal_name(SIGABRT) == "SIGABRT");
  BOOST_TEST(signal_name(SIGRTMIN + 1) == "SIGRTMIN+1");
}

BOOST_AUTO_TEST_CASE(words_are_the_numbers_of_the_kernel) {
  BOOST_TEST(rlimits().size() == static_cast<std::size_t>(RLIM_NLIMITS));
  BOOST_TEST(rlimit_number("RLIMIT_NOFILE").value() == RLIMIT_NOFILE);
  BOOST_TEST(capability_number("CAP_SYS_ADMIN").value() == 21);
  BOOST_TEST(capability_number("CAP_CHECKPOINT_RESTORE").value() == 40);
  BOOST_TEST(!capability_number("cap_sys_admin").has_value());
  BOOST_TEST(scheduler_policy_number("SCHED_DEADLINE").value() == 6);
  BOOST_TEST(memory_policy_mode("MPOL_WEIGHTED_INTERLEAVE").value() == 6);
  BOOST_TEST(personality_number("LINUX32").value() == 8u);
  BOOST_TEST(propagation_flags("rslave").value() == (MS_SLAVE | MS_REC));
  BOOST_TEST(clone_flag(NamespaceType::cgroup) == static_cast<std::uint64_t>(CLONE_NEWCGROUP));
}

BOOST_AUTO_TEST_CASE(every_capability_has_its_own_number) {
  std::set<int> numbers;
  for (const auto& capability : capabilities()) numbers.insert(capability.value);
  BOOST_TEST(numbers.size() == 41u);
  BOOST_TEST(*numbers.rbegin() == 40);
}

BOOST_AUTO_TEST_CASE(every_namespace_has_a_word) {
  for (const auto& [word, type] : namespace_words()) BOOST_TEST(word_of(type) == word);
  BOOST_TEST(namespace_words().size() == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
