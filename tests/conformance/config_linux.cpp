// config-linux.md.
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(config_linux, *needs::root())

// "The runtime MUST place the container process in the namespace associated with that path."
BOOST_AUTO_TEST_CASE(namespace_path_is_joined) {
  Runtime runtime;
  Bundle first, second;
  Container container = runtime.must_create(first.args({"true"}), "first");
  std::string path = "/proc/" + std::to_string(container.pid()) + "/ns/ipc";
  second.add_namespace("ipc", path);
  BOOST_TEST(report(runtime, second)["namespaces"]["ipc"] ==
             std::filesystem::read_symlink(path).string());
}

// "The runtime MUST generate an error if path is not associated with a namespace of type type."
BOOST_AUTO_TEST_CASE(namespace_path_must_be_of_the_type) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("ipc", "/proc/self/ns/net");
  check_refused(runtime, bundle.args({"true"}), "/proc/self/ns/net");
}

// "path ... This value MUST be an absolute path in the runtime mount namespace."
BOOST_AUTO_TEST_CASE(namespace_path_must_be_absolute) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("ipc", "self/ns/ipc");
  check_refused(runtime, bundle.args({"true"}), "/linux/namespaces");
}

// "If path is not specified, the runtime MUST create a new container namespace of type type."
BOOST_AUTO_TEST_CASE(namespace_without_a_path_is_new) {
  Runtime runtime;
  Bundle bundle;
  const json host = host_report()["namespaces"];
  const json seen = report(runtime, bundle)["namespaces"];
  for (const char* type : {"pid", "net", "ipc", "uts", "mnt"})
    BOOST_TEST(seen[type] != host[type], type);
}

// "If a namespace type is not specified in the namespaces array, the container MUST inherit the
// runtime namespace of that type."
BOOST_AUTO_TEST_CASE(namespace_that_is_not_listed_is_inherited) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("ipc");
  BOOST_TEST(report(runtime, bundle)["namespaces"]["ipc"] == host_report()["namespaces"]["ipc"]);
}

// "If a namespaces field contains duplicated namespaces with same type, the runtime MUST generate
// an error."
BOOST_AUTO_TEST_CASE(namespaces_must_be_unique) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["namespaces"].push_back({{"type", "ipc"}});
  check_refused(runtime, bundle.args({"true"}), "/linux/namespaces/5");
}

// "The runtime SHOULD NOT modify the ownership of referenced filesystems to realize the mapping."
BOOST_AUTO_TEST_CASE(mapping_changes_no_owner_in_the_root) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/owned", "");
  bundle.add_user_namespace();
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  struct stat status {};
  checked(::stat((bundle.rootfs() + "/owned").c_str(), &status), "stat");
  BOOST_TEST(status.st_uid == 0U);
}

// "If a file already exists at path that does not match the requested device, the runtime MUST
// generate an error."
BOOST_AUTO_TEST_CASE(device_path_must_be_free_or_match) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/thing", "file");
  bundle.linux()["devices"] =
      json::array({{{"path", "/thing"}, {"type", "c"}, {"major", 1}, {"minor", 3}}});
  check_refused(runtime, bundle.args({"true"}), "/thing");
}

// "In addition to any devices configured with this setting, the runtime MUST also supply:
// /dev/null, /dev/zero, /dev/full, /dev/random, /dev/urandom, /dev/tty, /dev/console is set up if
// terminal is enabled, /dev/ptmx."
BOOST_AUTO_TEST_CASE(default_devices_are_supplied) {
  Runtime runtime;
  Bundle bundle;
  json dev = report(runtime, bundle)["dev"];
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"})
    BOOST_TEST(dev[name]["type"] == "c", name);
  BOOST_TEST(dev.contains("ptmx"));
}

// "If the path is relative or absolute: the runtime MUST consistently attach to the same place in
// the cgroups hierarchy given the same value of cgroupsPath."
BOOST_AUTO_TEST_CASE(cgroups_path_is_the_same_place_each_time) {
  Runtime runtime;
  std::vector<std::string> places;
  for (const char* id : {"one", "two"}) {
    Bundle bundle;
    bundle.linux()["cgroupsPath"] = cgroup_parent() + "/same";
    Container container = runtime.must_create(bundle.args({"true"}), id);
    places.push_back(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"));
    container.del({"--force"});
    container.wait();
  }
  BOOST_TEST(places[0] == places[1]);
  BOOST_TEST(contains(places[0], cgroup_parent() + "/same"));
}

// "The runtime MUST apply entries in the listed order" (resources.devices).
BOOST_AUTO_TEST_CASE(device_rules_are_applied_in_the_listed_order, *needs::filesystem("fuse")) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.capabilities({"CAP_MKNOD"});
  const json fuse{{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "rw"}};
  json no_fuse = fuse;
  no_fuse["allow"] = false;
  const json none{{"allow", false}, {"access", "rwm"}};
  const std::vector<Action> actions{{"mknod", "/dev/f", "c", "10", "229"}, {"open", "/dev/f"}};
  bundle.linux()["resources"]["devices"] = {none, no_fuse, fuse};
  BOOST_TEST(act(runtime, bundle, actions)[1]["ok"] == true);
  bundle.linux()["resources"]["devices"] = {none, fuse, no_fuse};
  BOOST_TEST(act(runtime, bundle, actions)[1]["errno"] == "EPERM");
}

// "errnoRet ... if the action does not support returning an errno the runtime MUST generate an
// error".
BOOST_AUTO_TEST_CASE(errno_needs_an_action_that_returns_one) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = {{"defaultAction", "SCMP_ACT_ALLOW"}, {"defaultErrnoRet", 1}};
  check_refused(runtime, bundle.args({"true"}), "/linux/seccomp/defaultErrnoRet");
}

// "names ... MUST contain at least one entry."
BOOST_AUTO_TEST_CASE(seccomp_rule_needs_a_name) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls", json::array({{{"names", json::array()}, {"action", "SCMP_ACT_ERRNO"}}})}};
  check_refused(runtime, bundle.args({"true"}), "/linux/seccomp/syscalls/0/names");
}

// "maskedPaths will mask over the provided paths inside the container so that they cannot be read.
// The values MUST be absolute paths"; the same of readonlyPaths.
BOOST_AUTO_TEST_CASE(masked_and_readonly_paths_must_be_absolute) {
  Runtime runtime;
  for (const char* list : {"maskedPaths", "readonlyPaths"}) {
    Bundle bundle;
    bundle.linux()[list] = {"proc/bus"};
    check_refused(runtime, bundle.args({"true"}), std::string{"/linux/"} + list + "/0");
  }
}

// "sysctl": values are those of the container's namespaces.
BOOST_AUTO_TEST_CASE(sysctl_is_set_in_the_container) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "1"}};
  BOOST_TEST(report(runtime, bundle, {"net.ipv4.ip_forward"})["sysctls"]["net.ipv4.ip_forward"] ==
             "1");
}

BOOST_AUTO_TEST_SUITE_END()
