// Flags and propagation of mounts of type cgroup.
#include <sched.h>
#include <sys/mount.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// What a container has at `point` where its cgroup mount has `options`. The caller's own pids
// hierarchy has been mounted with `flags` before.
json cgroup_mount_with(std::vector<std::string> options, unsigned long flags,
                       const std::string& point) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["rootfsPropagation"] = "shared";
  bundle.mount_at("/sys/fs/cgroup")["options"] = std::move(options);
  RunOptions run_options;
  run_options.in_child = [flags] {
    checked(::unshare(CLONE_NEWNS), "unshare");
    checked(::mount("", "/", "", MS_REC | MS_SLAVE, nullptr), "mount / rslave");
    checked(::mount("", "/sys/fs/cgroup/pids", "", flags, nullptr), "mount");
  };
  return mount_in(report(runtime, bundle, {}, {}, std::move(run_options)), point);
}

bool is_shared(const json& mount) {
  return contains(mount["propagation"].dump(), "shared:");
}

constexpr const char* kTop = "/sys/fs/cgroup";
constexpr const char* kPids = "/sys/fs/cgroup/pids";

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_mounts, *needs::root() * needs::cgroup_v1() *
                                         needs::file("/sys/fs/cgroup/pids/tasks"))

BOOST_AUTO_TEST_CASE(hierarchies_are_no_peers_of_the_hosts) {
  BOOST_TEST(!is_shared(cgroup_mount_with({"nosuid"}, MS_SHARED, kPids)));
}

BOOST_AUTO_TEST_CASE(words_set_the_propagation) {
  BOOST_TEST(is_shared(cgroup_mount_with({"shared"}, MS_PRIVATE, kTop)));
  BOOST_TEST(is_shared(cgroup_mount_with({"rshared"}, MS_PRIVATE, kPids)));
}

BOOST_AUTO_TEST_CASE(words_clear_flags_of_the_hosts_mounts) {
  constexpr unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOEXEC;
  BOOST_TEST(has_option(cgroup_mount_with({}, flags, kPids), "noexec"));
  BOOST_TEST(!has_option(cgroup_mount_with({"exec"}, flags, kPids), "noexec"));
}

BOOST_AUTO_TEST_CASE(recursive_words_clear_them_too, *needs::ocelot("runc knows them since 1.2")) {
  constexpr unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOEXEC;
  BOOST_TEST(!has_option(cgroup_mount_with({"rexec"}, flags, kPids), "noexec"));
}

BOOST_AUTO_TEST_SUITE_END()
