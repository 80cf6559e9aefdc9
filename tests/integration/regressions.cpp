// What went wrong in other runtimes, as far as no other suite is about it:
// contrib/design/regressions.md has all of it.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// To be called in a child before its execve: it is root of a user namespace whose maps are the
// identity.
void enter_identity_user_namespace() {
  int ready[2];
  checked(::pipe2(ready, O_CLOEXEC), "pipe2");
  const std::string self = "/proc/" + std::to_string(::getpid());
  const pid_t helper = checked(::fork(), "fork");
  if (helper == 0) {
    char byte;
    const bool entered = ::read(ready[0], &byte, 1) == 1;
    for (const char* map : {"/uid_map", "/gid_map"})
      if (entered) write_file(self + map, "0 0 4294967295\n");
    ::_exit(0);
  }
  checked(::unshare(CLONE_NEWUSER), "unshare");
  checked(static_cast<int>(::write(ready[1], "x", 1)), "write");
  checked(::waitpid(helper, nullptr, 0), "waitpid");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(regressions, *needs::root())

BOOST_AUTO_TEST_CASE(bind_source_with_a_namespace_file_below_is_mounted_with_it) {  // L1
  TempDir source;
  write_file(source / "net", "");
  checked(::mount("/proc/self/ns/net", (source / "net").c_str(), nullptr, MS_BIND, nullptr),
          "mount");
  {
    Runtime runtime;
    Bundle bundle;
    bundle.add_mount("/mnt", "bind", source.path(), {"rbind"});
    const Output output = runtime.run(bundle.shell("stat -f -c %t /mnt/net; stat -c %i /mnt/net"));
    BOOST_TEST(output.status == 0, output.err);
    struct stat facts {};
    checked(::stat("/proc/self/ns/net", &facts), "stat");
    BOOST_TEST(output.out == "6e736673\n" + std::to_string(facts.st_ino) + "\n");
  }
  checked(::umount((source / "net").c_str()), "umount");
}

BOOST_AUTO_TEST_CASE(sysfs_of_the_host_in_a_user_namespace_stays_read_only) {  // L4
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace().remove_namespace("network");
  const json mount = mount_in(report(runtime, bundle), "/sys");
  for (const char* option : {"ro", "nosuid", "nodev", "noexec"})
    BOOST_TEST(has_option(mount, option), option);
}

BOOST_AUTO_TEST_CASE(created_container_can_always_be_started) {  // L16
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"});
  for (int i = 0; i < 25; ++i) {
    Container container = runtime.must_create(bundle);
    const Output output = container.start();
    BOOST_TEST(output.status == 0, output.err);
    container.wait();
    BOOST_TEST(container.del().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(processors_beyond_1024_are_no_error) {  // L18
  Runtime runtime;
  Bundle bundle;
  bundle.process()["execCPUAffinity"] = {{"initial", "0,2047"}, {"final", "0,4095"}};
  Running running{runtime, bundle};
  const Output output = running.exec({"grep", "Cpus_allowed_list", "/proc/self/status"});
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(user_namespace_is_told_by_itself_and_not_by_its_maps,
                     *needs::ocelot("asks what only ocelot tells")) {  // L29
  Bundle bundle;
  bundle.write();
  const TempDir directory;
  RunOptions options;
  options.env = {"XDG_RUNTIME_DIR=" + directory.path(), "USER=ordinary"};
  const auto plan = [&] {
    return run({Runtime::path(), "plan", "--bundle", bundle.path()}, options).out;
  };
  const std::string outside = plan();
  BOOST_TEST(contains(outside, "\n  make            /dev/null "), outside);
  BOOST_TEST(std::filesystem::is_empty(directory.path()));
  options.in_child = enter_identity_user_namespace;
  const std::string inside = plan();
  BOOST_TEST(contains(inside, "\n  bind            /dev/null "), inside);
  BOOST_TEST(std::filesystem::exists(directory / "ocelot"));
}

BOOST_AUTO_TEST_CASE(program_whose_name_begins_with_a_dot_is_found) {  // L37
  Runtime runtime;
  Bundle bundle;
  bundle.put("/bin/.hidden", "#!/bin/sh\necho found\n", 0755);
  BOOST_TEST(runtime.run(bundle.args({".hidden"})).out == "found\n");
  bundle.args({"/bin/none"});
  check_error(runtime.run(bundle), "/bin/none");
}

BOOST_AUTO_TEST_CASE(maps_of_many_lines_are_written_whole) {  // L42
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  json mappings = json::array();
  for (int i = 0; i < 250; ++i)  // all of it is one write of a page at most
    mappings.push_back({{"containerID", i}, {"hostID", 100000 + 2 * i}, {"size", 1}});
  bundle.linux()["uidMappings"] = bundle.linux()["gidMappings"] = mappings;
  const json seen = report(runtime, bundle);
  for (const char* map : {"uid_map", "gid_map"}) {
    BOOST_TEST(seen[map].size() == 250U);
    BOOST_TEST(contains(seen[map][249].get<std::string>(), "100498"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
