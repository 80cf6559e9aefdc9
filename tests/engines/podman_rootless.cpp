#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "tests/engines/podman.hpp"
#include "tests/engines/terminal_of_exec.hpp"
#include "tests/support/check.hpp"

// podman of an ordinary user: each of its containers is in a user namespace, and where controllers
// are on v1 in the cgroup of its caller.

namespace ocelot::test {
namespace {

// For all tests of the suite: the user's podman keeps a process that holds its user namespace.
struct Rootless {
  Rootless() : user{Podman::instance().sandbox()}, podman{Podman::instance().sandbox(), &user} {}
  ~Rootless() {
    podman.must({"system", "migrate"});  // ends that process
    wait_for_helpers();
  }

  OrdinaryUser user;
  Podman podman;
};

struct RootlessSuite {
  RootlessSuite() { shared.emplace(); }
  ~RootlessSuite() { shared.reset(); }
  static inline std::optional<Rootless> shared;
};

std::string states(const std::string& runtime) {
  return RootlessSuite::shared->user.runtime_directory() + "/" + runtime;
}

struct RootlessCase {
  RootlessCase()
      : podman{RootlessSuite::shared->podman}, before{{states("ocelot"), states("runc")}} {}
  ~RootlessCase() {
    BOOST_TEST(podman.call({"ps", "--all", "--quiet"}).out == "");
    BOOST_TEST(podman.call({"rm", "--all", "--force", "--time", "0"}).status == 0);
    for (const std::string& item : before.since())
      if (!is_cache(item) && item.find("catatonit") == std::string::npos)
        BOOST_ERROR("left behind: " << item);
  }

  Output same_as_runc(const std::vector<std::string>& args,
                      const std::vector<std::string>& flags = {}, const RunOptions& more = {}) {
    const Output ocelot = podman.call(podman.run_words(With::Ocelot, flags, args), more);
    const Output runc = podman.call(podman.run_words(With::Runc, flags, args), more);
    BOOST_TEST(ocelot.status == runc.status, ocelot.err + runc.err);
    BOOST_TEST(ocelot.out == runc.out);
    return ocelot;
  }
  Output same_script(const std::string& script, const std::vector<std::string>& flags = {}) {
    return same_as_runc({"sh", "-c", script}, flags);
  }

  const Podman& podman;
  Leftovers before;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(podman_rootless, *boost::unit_test::fixture<RootlessSuite>())

BOOST_FIXTURE_TEST_CASE(its_process_is_root_of_the_users_ids, RootlessCase) {
  const Output output = same_script(
      "id -u; cat /proc/self/uid_map; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; exit "
      "42");
  BOOST_TEST(output.status == 42);
  BOOST_TEST(output.out.starts_with("0\n         0       4711          1\n"), output.out);
  same_script("id; cat /proc/self/uid_map", {"--userns", "keep-id"});
  same_script("id; cat /proc/self/uid_map", {"--user", "12:34"});
}

BOOST_FIXTURE_TEST_CASE(errors_and_streams_are_as_with_runc, RootlessCase) {
  BOOST_TEST(same_as_runc({"nosuch"}).status == 127);
  BOOST_TEST(same_as_runc({"/etc/passwd"}).status == 126);
  RunOptions with_input;
  with_input.input = "one\ntwo\n";
  BOOST_TEST(same_as_runc({"cat"}, {"--interactive"}, with_input).out == "one\ntwo\n");
  BOOST_TEST(same_script("touch /x || echo refused", {"--read-only"}).out == "refused\n");
}

BOOST_FIXTURE_TEST_CASE(files_that_it_makes_in_a_volume_are_the_users, RootlessCase) {
  const std::string home = RootlessSuite::shared->user.home();
  for (With with : kBoth) {
    const Output output = podman.call(podman.run_words(
        with, {"--volume", home + ":/home"}, {"sh", "-c", "echo content > /home/made; id -u"}));
    BOOST_TEST(output.status == 0, output.err);
    struct stat facts {};
    BOOST_TEST(::stat((home + "/made").c_str(), &facts) == 0);
    BOOST_TEST(facts.st_uid == static_cast<uid_t>(OrdinaryUser::kId));
    std::filesystem::remove(home + "/made");
  }
}

BOOST_FIXTURE_TEST_CASE(a_running_container_is_worked_with, RootlessCase) {
  const std::string file = RootlessSuite::shared->user.home() + "/copied";
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    BOOST_TEST(podman.call({"exec", "c", "sh", "-c", "exit 3"}).status == 3);
    BOOST_TEST(podman.call({"exec", "c", "nosuch"}).status == 127);
    podman.must({"exec", "--detach", "c", "sleep", "1234"});
    BOOST_TEST(podman.must({"top", "c", "args"}) == "COMMAND\nsleep 1000 \nsleep 1234 ");
    podman.must({"exec", "c", "sh", "-c", "echo content > /tmp/f"});
    podman.must({"cp", "c:/tmp/f", file});
    podman.must({"cp", file, "c:/tmp/g"});
    BOOST_TEST(podman.must({"exec", "c", "cat", "/tmp/g"}) == "content");
    BOOST_TEST(podman.must({"logs", "c"}) == "up");
    podman.must({"kill", "c"});
    BOOST_TEST(podman.must({"wait", "c"}) == "137");
    podman.must({"start", "c"});
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_FIXTURE_TEST_CASE(a_process_that_is_added_has_a_terminal, RootlessCase) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    check_terminal_of_exec(podman, "c");
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_FIXTURE_TEST_CASE(containers_share_a_pod, RootlessCase) {
  podman.make_pause_image();
  for (With with : kBoth) {
    const std::string runtime = with == With::Ocelot ? "ocelot" : "runc";
    podman.must({"--runtime", runtime, "pod", "create", "--name", "pod", "--network", "none"});
    for (const char* name : {"one", "two"})
      podman.must({"--runtime", runtime, "run", "--detach", "--pod", "pod", "--name", name,
                   "busybox", "sleep", "1000"});
    const std::vector<std::string> look{"readlink", "/proc/self/ns/net"};
    BOOST_TEST(podman.must({"exec", "one", look[0], look[1]}) ==
               podman.must({"exec", "two", look[0], look[1]}));
    podman.must({"pod", "rm", "--force", "--time", "0", "pod"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
