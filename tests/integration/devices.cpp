// Device nodes and links in /dev.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

void check_node(const json& node, const std::string& type, int major, int minor) {
  BOOST_TEST(node["type"] == type, node.dump());
  BOOST_TEST(node["rdev"] == (json{major, minor}), node.dump());
}

const std::vector<std::tuple<const char*, int, int>> kDefaults{{"null", 1, 3},   {"zero", 1, 5},
                                                               {"full", 1, 7},   {"tty", 5, 0},
                                                               {"random", 1, 8}, {"urandom", 1, 9}};

json device(const std::string& path, const std::string& type, int major, int minor) {
  return {{"path", path}, {"type", type}, {"major", major}, {"minor", minor}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(devices, *needs::root())

BOOST_AUTO_TEST_CASE(default_devices_are_there_for_everyone) {
  Runtime runtime;
  Bundle bundle;
  json dev = report(runtime, bundle)["dev"];
  for (auto [name, major, minor] : kDefaults) {
    check_node(dev[name], "c", major, minor);
    BOOST_TEST(dev[name]["mode"] == 0666, name);
    BOOST_TEST(dev[name]["uid"] == 0, name);
    BOOST_TEST(dev[name]["gid"] == 0, name);
  }
}

BOOST_AUTO_TEST_CASE(default_devices_can_be_used) {
  Runtime runtime;
  Bundle bundle;
  json outcomes = act(runtime, bundle,
                      {{"write", "/dev/null", "x"},
                       {"open", "/dev/zero"},
                       {"open", "/dev/urandom"},
                       {"write", "/dev/full", "x"}});
  BOOST_TEST(outcomes[0]["ok"] == true);
  BOOST_TEST(outcomes[1]["ok"] == true);
  BOOST_TEST(outcomes[2]["ok"] == true);
  BOOST_TEST(outcomes[3]["errno"] == "ENOSPC");
}

BOOST_AUTO_TEST_CASE(default_links_are_there) {
  Runtime runtime;
  Bundle bundle;
  json dev = report(runtime, bundle)["dev"];
  for (auto [name, target] :
       {std::pair{"fd", "/proc/self/fd"}, std::pair{"stdin", "/proc/self/fd/0"},
        std::pair{"stdout", "/proc/self/fd/1"}, std::pair{"stderr", "/proc/self/fd/2"},
        std::pair{"ptmx", "pts/ptmx"}})
    BOOST_TEST(dev[name]["target"] == target, name);
  const bool kcore = std::filesystem::exists("/proc/kcore");
  BOOST_TEST(dev.contains("core") == kcore);
  if (kcore) BOOST_TEST(dev["core"]["target"] == "/proc/kcore");
}

BOOST_AUTO_TEST_CASE(there_is_no_console_without_a_terminal) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(!report(runtime, bundle)["dev"].contains("console"));
}

BOOST_AUTO_TEST_CASE(pseudoterminals_of_the_container_are_its_own) {
  Runtime runtime;
  Bundle bundle;
  json outcomes = act(runtime, bundle, {{"list", "/dev/pts"}, {"open", "/dev/ptmx"}});
  BOOST_TEST(outcomes[0]["names"] == json{"ptmx"});
  BOOST_TEST(outcomes[1]["ok"] == true);
}

BOOST_AUTO_TEST_CASE(dev_of_an_image_is_filled_when_nothing_is_mounted_there) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  for (const char* point : {"/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"})
    bundle.remove_mount(point);
  json dev = report(runtime, bundle)["dev"];
  for (auto [name, major, minor] : kDefaults) check_node(dev[name], "c", major, minor);
}

BOOST_AUTO_TEST_CASE(ptmx_of_an_image_gives_way_to_the_containers) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.remove_mount("/dev").put_directory("/dev/pts");
  checked(::mknod((bundle.rootfs() + "/dev/ptmx").c_str(), S_IFCHR | 0666, ::makedev(5, 2)),
          "mknod");
  BOOST_TEST(report(runtime, bundle)["dev"]["ptmx"]["target"] == "pts/ptmx");
}

BOOST_AUTO_TEST_CASE(pipes_are_made_in_a_user_namespace_too,
                     *needs::ocelot("runc binds the host's, which has none")) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.linux()["devices"] = json::array({{{"path", "/dev/pipe"}, {"type", "p"}}});
  BOOST_TEST(report(runtime, bundle)["dev"]["pipe"]["type"] == "p");
}

BOOST_AUTO_TEST_CASE(dev_that_is_bound_from_the_host_is_left_alone) {
  Runtime runtime;
  TempDir host_dev;
  write_file(host_dev / "mine", "");
  checked(::mknod((host_dev / "null").c_str(), S_IFCHR | 0666, ::makedev(1, 3)), "mknod");
  const std::vector<std::string> before = files_below(host_dev.path());
  Bundle bundle;
  for (const char* point : {"/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"})
    bundle.remove_mount(point);
  bundle.add_mount("/dev", "bind", host_dev.path(), {"bind"});
  Output output = runtime.run(bundle.args({"/bin/probe"}));
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(files_below(host_dev.path()) == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(devices_of_the_config_are_made) {
  Runtime runtime;
  Bundle bundle;
  json fuse = device("/dev/fuse", "c", 10, 229);
  fuse["fileMode"] = 0640;
  fuse["uid"] = 7;
  fuse["gid"] = 8;
  json pipe{{"path", "/dev/pipe"}, {"type", "p"}};
  bundle.linux()["devices"] = {fuse, device("/dev/loop", "b", 7, 0), device("/dev/raw", "u", 1, 3),
                               pipe, device("/dev/sub/deep", "c", 1, 5)};
  json dev = report(runtime, bundle)["dev"];
  check_node(dev["fuse"], "c", 10, 229);
  BOOST_TEST(dev["fuse"]["mode"] == 0640);
  BOOST_TEST(dev["fuse"]["uid"] == 7);
  BOOST_TEST(dev["fuse"]["gid"] == 8);
  check_node(dev["loop"], "b", 7, 0);
  check_node(dev["raw"], "c", 1, 3);
  BOOST_TEST(dev["loop"]["mode"] == 0666);
  BOOST_TEST(dev["pipe"]["type"] == "p");
  check_node(act(runtime, bundle, {{"stat", "/dev/sub/deep"}})[0], "c", 1, 5);
}

BOOST_AUTO_TEST_CASE(device_of_the_config_takes_the_place_of_a_default_one,
                     *needs::ocelot("runc cannot open the null device then")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["devices"] = {device("/dev/null", "c", 1, 3),
                               device("/dev/../dev/tty", "c", 5, 0)};
  for (json& entry : bundle.linux()["devices"]) entry["fileMode"] = 0600;
  const json dev = report(runtime, bundle)["dev"];
  BOOST_TEST(dev["null"]["mode"] == 0600);
  BOOST_TEST(dev["tty"]["mode"] == 0600);
}

BOOST_AUTO_TEST_CASE(device_path_may_be_anywhere_in_the_root) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["devices"] = json::array({device("/devices/mine", "c", 1, 3)});
  check_node(act(runtime, bundle, {{"stat", "/devices/mine"}})[0], "c", 1, 3);
}

BOOST_AUTO_TEST_CASE(umask_of_the_caller_does_not_narrow_devices) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["devices"] = json::array({device("/dev/mine", "c", 1, 3)});
  RunOptions options;
  options.in_child = [] { ::umask(0077); };
  json dev = report(runtime, bundle, {}, {}, options)["dev"];
  BOOST_TEST(dev["mine"]["mode"] == 0666);
  BOOST_TEST(dev["null"]["mode"] == 0666);
}

BOOST_AUTO_TEST_CASE(device_that_is_already_there_is_accepted) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/devices");
  checked(::mknod((bundle.rootfs() + "/devices/mine").c_str(), S_IFCHR | 0600, ::makedev(1, 3)),
          "mknod");
  bundle.linux()["devices"] = json::array({device("/devices/mine", "c", 1, 3)});
  check_node(act(runtime, bundle, {{"stat", "/devices/mine"}})[0], "c", 1, 3);
}

BOOST_AUTO_TEST_CASE(another_file_at_the_path_of_a_device_is_an_error) {  // E31
  Runtime runtime;
  {
    Bundle bundle;
    bundle.put("/devices/mine", "a file");
    bundle.linux()["devices"] = json::array({device("/devices/mine", "c", 1, 3)});
    check_refused(runtime, bundle, "/devices/mine");
  }
  {
    Bundle bundle;
    bundle.put_directory("/devices");
    checked(::mknod((bundle.rootfs() + "/devices/mine").c_str(), S_IFCHR | 0600, ::makedev(1, 5)),
            "mknod");
    bundle.linux()["devices"] = json::array({device("/devices/mine", "c", 1, 3)});
    check_refused(runtime, bundle, "/devices/mine");
  }
  {
    Bundle bundle;
    bundle.put_directory("/devices");
    checked(::mknod((bundle.rootfs() + "/devices/mine").c_str(), S_IFBLK | 0600, ::makedev(7, 3)),
            "mknod");
    bundle.linux()["devices"] = json::array({device("/devices/mine", "c", 7, 3)});
    check_refused(runtime, bundle, "/devices/mine");
  }
  {
    Bundle bundle;
    bundle.put_directory("/devices");
    std::filesystem::create_symlink("/dev/null", bundle.rootfs() + "/devices/mine");
    bundle.linux()["devices"] = json::array({device("/devices/mine", "c", 1, 3)});
    check_refused(runtime, bundle, "/devices/mine");
  }
}

BOOST_AUTO_TEST_CASE(device_may_belong_to_a_group_alone) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["devices"] = json::array({device("/dev/mine", "c", 1, 3)});
  bundle.linux()["devices"][0]["gid"] = 8;
  const json node = report(runtime, bundle)["dev"]["mine"];
  BOOST_TEST(node["uid"] == 0);
  BOOST_TEST(node["gid"] == 8);
}

BOOST_AUTO_TEST_CASE(unknown_device_type_is_an_error) {  // E32
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["devices"] = json::array({device("/dev/mine", "x", 1, 3)});
  check_refused(runtime, bundle, "/linux/devices/0/type");
}

BOOST_AUTO_TEST_CASE(device_without_numbers_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["devices"] = json::array({{{"path", "/dev/mine"}, {"type", "c"}}});
  check_refused(runtime, bundle, "/linux/devices/0");
}

BOOST_AUTO_TEST_CASE(devices_in_a_user_namespace_are_those_of_the_host) {  // L2
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.linux()["devices"] = json::array({device("/dev/mine", "c", 1, 5)});
  bundle.linux()["devices"][0]["path"] = "/dev/zero";
  json seen = report(runtime, bundle);
  for (auto [name, major, minor] : kDefaults) check_node(seen["dev"][name], "c", major, minor);
  json mount = mount_in(seen, "/dev/null");
  BOOST_TEST(!mount.is_null());
  BOOST_TEST(act(runtime, bundle, {{"write", "/dev/null", "x"}})[0]["ok"] == true);
}

BOOST_AUTO_TEST_CASE(bound_devices_neither_run_nor_give_rights) {  // L5
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  json mount = mount_in(report(runtime, bundle), "/dev/null");
  BOOST_TEST(has_option(mount, "nosuid"));
  BOOST_TEST(has_option(mount, "noexec"));
}

BOOST_AUTO_TEST_SUITE_END()
