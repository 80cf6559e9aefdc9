// P3 to P6, P14: CVE-2019-19921, CVE-2021-30465, CVE-2024-45310, CVE-2025-31133 and the masks of
// paths that somebody exchanges meanwhile. The exchange is made at each system call in turn,
// between any two of them, and by chance as often as it can be.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/faults/step.hpp"
#include "tests/security/canary.hpp"
#include "tests/security/flipper.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr long kSample = 12;
constexpr int kRounds = 30;

struct Attack {
  std::string path;  // in the image or volume, on the host
  std::string link;  // what is exchanged with it
};

// Carries out `command` with the exchange at each of a sample of calls, at every call, and under a
// Flipper; `judge` looks at each outcome.
void under_attack(const std::vector<std::string>& command, const Attack& attack,
                  const std::function<void(const Output&)>& judge) {
  const std::pair<std::string, std::string> both{attack.path, attack.link};
  const auto in_order = [&] {
    if (fs::is_symlink(attack.path)) {
      fs::rename(attack.path, attack.path + ".tmp");
      fs::rename(attack.link, attack.path);
      fs::rename(attack.path + ".tmp", attack.link);
    }
  };
  long count = 0;
  {
    const Stepped stepped = step(command);
    count = stepped.calls;
    BOOST_TEST_REQUIRE(count > 100);
    judge(stepped.output);
  }
  for (const long call : calls_to_stop_at(count, kSample)) {
    BOOST_TEST_CONTEXT("exchanged at call " << call)
    judge(step(command, {.at = call, .exchange = both}).output);
    in_order();
  }
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST_CONTEXT("exchanged at every call") judge(step(command, {.exchange = both}).output);
    in_order();
  }
  {
    const Flipper flipper{attack.path, attack.link};
    for (int round = 0; round < kRounds; ++round)
      BOOST_TEST_CONTEXT("exchanged all the time") judge(run(command));
  }
  in_order();
}

std::vector<std::string> run_command(const Runtime& runtime, const Bundle& bundle) {
  bundle.write();
  return runtime.command({"run", "--bundle", bundle.path(), "c"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(races, *needs::root() * needs::ocelot("others mount by path"))

BOOST_AUTO_TEST_CASE(a_mount_point_that_becomes_a_link_does_not_lead_out) {  // P4
  const Canary canary;
  Runtime runtime;
  Bundle bundle;
  TempDir volume, source;
  write_file(source / "inside", "mounted\n");
  fs::create_directories(volume / "a/b");
  bundle.add_mount("/vol", "bind", volume.path(), {"bind"});
  bundle.add_mount("/vol/a/b", "bind", source.path(), {"bind"});
  bundle.shell("cat /vol/a/b/secret /vol/a/secret /vol/secret; true");
  const Attack attack{volume / "a", put_link_beside(volume / "a", canary.path())};
  under_attack(run_command(runtime, bundle), attack, [&](const Output& output) {
    BOOST_TEST(!contains(output.out, "of the host"), output.out);
    check_untouched(canary);
  });
}

BOOST_AUTO_TEST_CASE(mount_points_are_not_made_outside) {  // P5
  const Canary canary;
  Runtime runtime;
  Bundle bundle;
  TempDir volume, source;
  write_file(source / "file", "mounted\n");
  fs::create_directory(volume / "a");
  bundle.add_mount("/vol", "bind", volume.path(), {"bind"});
  bundle.add_mount("/vol/a/b/c", "bind", source.path(), {"bind"});
  bundle.add_mount("/vol/a/file", "bind", source / "file", {"bind"});
  bundle.args({"/bin/true"});
  const Attack attack{volume / "a", put_link_beside(volume / "a", canary / "empty")};
  under_attack(run_command(runtime, bundle), attack,
               [&](const Output&) { check_untouched(canary); });
}

BOOST_AUTO_TEST_CASE(a_proc_that_becomes_a_link_is_refused_or_a_procfs) {  // P3
  const Canary canary;
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/sneaky");
  bundle.shell("[ -e /proc/self/status ] && [ -e /proc/sys/kernel/hostname ] && echo is procfs");
  const std::string proc = bundle.rootfs() + "/proc";
  const Attack attack{proc, put_link_beside(proc, "/sneaky")};
  under_attack(run_command(runtime, bundle), attack, [&](const Output& output) {
    if (output.status == 0) BOOST_TEST(output.out == "is procfs\n", output.err);
    check_untouched(canary);
  });
}

BOOST_AUTO_TEST_CASE(a_readonly_path_that_is_exchanged_does_not_touch_the_host) {  // P14
  const Canary canary;
  Runtime runtime;
  Bundle bundle;
  TempDir volume;
  fs::create_directory(volume / "data");
  bundle.add_mount("/vol", "bind", volume.path(), {"bind"});
  bundle.linux()["readonlyPaths"] = {"/vol/data"};
  bundle.shell("echo x > /vol/data/new; true");
  const Attack attack{volume / "data", put_link_beside(volume / "data", canary.path())};
  under_attack(run_command(runtime, bundle), attack,
               [&](const Output&) { check_untouched(canary); });
}

BOOST_AUTO_TEST_CASE(a_null_device_that_becomes_a_link_masks_nothing_else) {  // P6
  const Canary canary;
  Runtime runtime;
  Bundle bundle;
  TempDir volume;
  checked(::mknod((volume / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), "mknod");
  for (const char* destination : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
    bundle.remove_mount(destination);
  bundle.add_mount("/dev", "bind", volume.path(), {"bind"});
  bundle.linux()["maskedPaths"] = {"/proc/timer_list", "/proc/keys"};
  bundle.shell("stat -c '%F %t:%T' /proc/timer_list /proc/keys");
  const Attack attack{volume / "null",
                      put_link_beside(volume / "null", "/proc/sys/kernel/core_pattern")};
  under_attack(run_command(runtime, bundle), attack, [&](const Output& output) {
    if (output.status == 0)
      BOOST_TEST(output.out == "character special file 1:3\ncharacter special file 1:3\n");
    check_untouched(canary);
  });
}

// The control: a mount made by a path that was checked before does end up outside.
BOOST_AUTO_TEST_CASE(a_lookup_by_path_after_a_check_is_noticed) {
  const Canary canary;
  TempDir volume;
  fs::create_directory(volume / "a");
  const std::string link = put_link_beside(volume / "a", canary / "empty");
  // What a flawed runtime does, with the exchange between its two steps.
  const Stepped stepped = step({"/bin/sh", "-c",
                                "[ -d " + (volume / "a") + " ] && [ ! -L " + (volume / "a") +
                                    " ] && mkdir -p " + (volume / "a/b")});
  BOOST_TEST(stepped.output.status == 0);
  fs::remove(volume / "a/b");
  bool noticed = false;
  for (long call = 1; call <= stepped.calls && !noticed; ++call) {
    step({"/bin/sh", "-c",
          "[ -d " + (volume / "a") + " ] && [ ! -L " + (volume / "a") + " ] && mkdir -p " +
              (volume / "a/b")},
         {.at = call, .exchange = {volume / "a", link}});
    noticed = !canary.changes().empty();
    fs::rename(volume / "a", volume / "tmp");
    fs::rename(link, volume / "a");
    fs::rename(volume / "tmp", link);
    if (fs::is_symlink(volume / "a")) continue;
    fs::remove(volume / "a/b");
  }
  BOOST_TEST(noticed);
}

BOOST_AUTO_TEST_SUITE_END()
