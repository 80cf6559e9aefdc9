// What a hook finds: input, arguments, environment, directory, descriptors, signals.
#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "scripts.hpp"

using namespace ocelot;
using ocelot::test::Scripts;

BOOST_AUTO_TEST_SUITE(hook_surroundings)

BOOST_AUTO_TEST_CASE(a_hook_reads_the_state_from_standard_input) {
  Scripts scripts;
  scripts.run({scripts.hook("cat > $D/state")});
  BOOST_TEST(scripts.read("state") == oci::to_json(scripts.state()));
}

BOOST_AUTO_TEST_CASE(each_hook_reads_the_state_from_its_start) {
  Scripts scripts;
  scripts.run({scripts.hook("cat > $D/first"),
               scripts.hook("cat > $D/second; echo x >> /proc/self/fd/0"),
               scripts.hook("cat > $D/third")});
  BOOST_TEST(!scripts.read("first").empty());
  BOOST_TEST(scripts.read("second") == scripts.read("first"));
  BOOST_TEST(scripts.read("third") == scripts.read("first"));
}

BOOST_AUTO_TEST_CASE(a_state_larger_than_a_pipe_arrives_whole) {
  Scripts scripts;
  oci::State state = scripts.state();
  state.annotations["large"] = std::string(1 << 20, 'a');
  const oci::Hook hooks[] = {scripts.hook("cat > $D/state")};
  ocelot::hooks::run_until_failure(hooks, "prestart", state);
  BOOST_TEST((scripts.read("state") == oci::to_json(state)));
}

BOOST_AUTO_TEST_CASE(args_are_the_whole_argument_vector) {
  Scripts scripts;
  oci::Hook hook;
  hook.path = "/bin/sh";
  hook.args = {"name", "-c", "echo $0 $1 > " + scripts / "words", "zero", "one"};
  scripts.run({hook});
  BOOST_TEST(scripts.read("words") == "zero one\n");
}

BOOST_AUTO_TEST_CASE(without_args_the_path_is_the_first_argument) {
  Scripts scripts;
  const oci::Hook hook = scripts.hook("echo $0 $# > $D/words");
  scripts.run({hook});
  BOOST_TEST(scripts.read("words") == hook.path + " 0\n");
}

BOOST_AUTO_TEST_CASE(the_environment_is_the_listed_one_or_else_the_callers) {
  Scripts scripts;
  BOOST_REQUIRE(::setenv("OCELOT_HOOK_TEST", "caller", 1) == 0);
  oci::Hook hook = scripts.hook("echo \"$OCELOT_HOOK_TEST,$OTHER\" > $D/seen");
  scripts.run({hook});
  BOOST_TEST(scripts.read("seen") == "caller,\n");
  hook.env = {"OTHER=listed"};
  scripts.run({hook});
  BOOST_TEST(scripts.read("seen") == ",listed\n");
  hook.env->clear();
  scripts.run({hook});
  BOOST_TEST(scripts.read("seen") == ",\n");
}

BOOST_AUTO_TEST_CASE(the_working_directory_is_the_bundle_or_else_the_root) {
  Scripts scripts;
  const oci::Hook hooks[] = {scripts.hook("pwd > $D/cwd")};
  ocelot::hooks::run_until_failure(hooks, "prestart", scripts.state());
  BOOST_TEST(scripts.read("cwd") == std::filesystem::canonical(scripts.path()).string() + "\n");
  oci::State elsewhere = scripts.state();
  elsewhere.bundle = "/no/such/bundle";
  ocelot::hooks::run_until_failure(hooks, "prestart", elsewhere);
  BOOST_TEST(scripts.read("cwd") == "/\n");
}

BOOST_AUTO_TEST_CASE(a_hook_has_no_descriptors_but_the_three) {
  Scripts scripts;
  const int leaked = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  BOOST_REQUIRE(leaked > 2);
  // Shell built-ins alone, so that no other process adds descriptors. dash opens the script as one
  // above 9.
  scripts.run(
      {scripts.hook("for f in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$f ] && l=\"$l$f\"; done; "
                    "echo $l > $D/fds")});
  BOOST_TEST(scripts.read("fds") == "012\n");
  BOOST_TEST(::fcntl(leaked, F_GETFD) == 0);
  ::close(leaked);
}

BOOST_AUTO_TEST_CASE(a_hook_has_three_descriptors_even_if_its_caller_has_none) {
  Scripts scripts;
  int saved[3];
  for (int fd = 0; fd < 3; ++fd) saved[fd] = ::fcntl(fd, F_DUPFD_CLOEXEC, 100);
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  const std::string failure =
      scripts.failure({scripts.hook("cat > $D/state; echo out; echo err >&2; exit 3")});
  for (int fd = 0; fd < 3; ++fd) {
    ::dup2(saved[fd], fd);
    ::close(saved[fd]);
  }
  BOOST_TEST(scripts.read("state") == oci::to_json(scripts.state()));
  BOOST_TEST(failure.ends_with("exit status 3, output: out\\x0aerr"), failure);
}

BOOST_AUTO_TEST_CASE(no_signal_is_blocked_or_ignored) {
  Scripts scripts;
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  scripts.run({scripts.hook("grep -E '^Sig(Blk|Ign)' /proc/self/status > $D/signals")});
  ::signal(SIGPIPE, old);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  BOOST_TEST(scripts.read("signals") == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(a_hook_leads_a_session_of_its_own) {
  Scripts scripts;
  scripts.run(
      {scripts.hook("read pid comm state ppid pgrp session rest < /proc/$$/stat; echo $(($$ - "
                    "pgrp)) $(($$ - session)) > $D/ids")});
  BOOST_TEST(scripts.read("ids") == "0 0\n");
}

BOOST_AUTO_TEST_SUITE_END()
