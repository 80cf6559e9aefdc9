// New, inherited and joined namespaces.
#include <sched.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// The spec's name of a namespace type and the name of its link in /proc/PID/ns.
const std::vector<std::pair<std::string, std::string>> kTypes{
    {"pid", "pid"}, {"network", "net"}, {"mount", "mnt"},     {"ipc", "ipc"},
    {"uts", "uts"}, {"user", "user"},   {"cgroup", "cgroup"}, {"time", "time"}};

// A process of ours in new namespaces, to be joined.
class Holder {
 public:
  explicit Holder(std::vector<std::string> flags)
      : command_{[&] {
                   std::vector<std::string> argv{"unshare"};
                   argv.insert(argv.end(), flags.begin(), flags.end());
                   argv.insert(argv.end(), {"sh", "-c", "echo ready; read x"});
                   return argv;
                 }(),
                 [] {
                   RunOptions options;
                   options.keep_input_open = true;
                   return options;
                 }()} {
    command_.read_until("ready");
  }
  std::string path(const std::string& link) const {
    return "/proc/" + std::to_string(command_.pid()) + "/ns/" + link;
  }
  std::string inode(const std::string& link) const {
    return std::filesystem::read_symlink(path(link));
  }

 private:
  Command command_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(namespaces, *needs::root())

BOOST_AUTO_TEST_CASE(every_listed_namespace_is_new) {
  Runtime runtime;
  const json host = host_report()["namespaces"];
  for (const auto& [type, link] : kTypes) {
    if (type == "time") continue;  // below
    Bundle bundle;
    if (type == "user")
      bundle.add_user_namespace();
    else
      bundle.add_namespace(type);
    BOOST_TEST(report(runtime, bundle)["namespaces"][link] != host[link], type);
  }
}

BOOST_AUTO_TEST_CASE(listed_time_namespace_is_new, *needs::file("/proc/self/ns/time")) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("time");
  BOOST_TEST(report(runtime, bundle)["namespaces"]["time"] != host_report()["namespaces"]["time"]);
}

BOOST_AUTO_TEST_CASE(unlisted_namespaces_are_inherited) {
  Runtime runtime;
  const json host = host_report()["namespaces"];
  for (const auto& [type, link] : kTypes) {
    if (type == "mount") continue;
    Bundle bundle;
    bundle.remove_namespace(type);
    if (type == "uts") bundle.config.erase("hostname");
    if (type == "network") bundle.remove_mount("/sys/fs/cgroup");
    BOOST_TEST(report(runtime, bundle)["namespaces"][link] == host[link], type);
  }
}

BOOST_AUTO_TEST_CASE(namespace_with_a_path_is_joined) {
  Runtime runtime;
  Holder holder{{"--net", "--ipc", "--uts", "--cgroup"}};
  for (auto [type, link] : {std::pair{"network", "net"}, std::pair{"ipc", "ipc"},
                            std::pair{"uts", "uts"}, std::pair{"cgroup", "cgroup"}}) {
    Bundle bundle;
    bundle.add_namespace(type, holder.path(link));
    if (std::string{type} == "uts") bundle.config.erase("hostname");
    BOOST_TEST(report(runtime, bundle)["namespaces"][link] == holder.inode(link), type);
  }
}

BOOST_AUTO_TEST_CASE(joined_pid_namespace_numbers_the_process) {
  Runtime runtime;
  Bundle first, second;
  Container container = runtime.must_create(first.args(probe_args({{"hold"}})), "first");
  second.add_namespace("pid", "/proc/" + std::to_string(container.pid()) + "/ns/pid");
  json seen = report(runtime, second);
  BOOST_TEST(seen["pid"] != 1);
  BOOST_TEST(seen["namespaces"]["pid"] ==
             std::filesystem::read_symlink("/proc/" + std::to_string(container.pid()) + "/ns/pid")
                 .string());
}

// CVE-2016-9962. While it waits for its start it has no more rights than who is there already.
BOOST_AUTO_TEST_CASE(nobody_of_a_joined_pid_namespace_can_look_into_what_joins_it) {
  Runtime runtime;
  Bundle first, second;
  Running running{runtime, first};
  second.add_namespace("pid", "/proc/" + std::to_string(running.container().pid()) + "/ns/pid");
  Container joining = runtime.must_create(second.args({"true"}), "second");
  std::istringstream ids{read_file("/proc/" + std::to_string(joining.pid()) + "/status")};
  std::string line;
  while (std::getline(ids, line) && !line.starts_with("NSpid:")) {
  }
  const std::string proc = "/proc/" + line.substr(line.rfind('\t') + 1);
  BOOST_TEST(running.exec({"ls", "-d", proc}).out == proc + "\n");
  BOOST_TEST(running.exec({"readlink", "/proc/1/exe"}).status ==
             0);  // control: this one can be looked into
  for (const char* name : {"/exe", "/cwd", "/fd/0"})
    BOOST_TEST(running.exec({"readlink", proc + name}).out == "", name);
  BOOST_TEST(joining.del({"--force"}).status == 0);
  joining.wait();  // else the namespace, and its first process, would not end
}

BOOST_AUTO_TEST_CASE(joined_user_namespace_keeps_its_maps) {
  Runtime runtime;
  Bundle first, second;
  first.add_user_namespace();
  second.add_user_namespace();
  Container container = runtime.must_create(first.args(probe_args({{"hold"}})), "first");
  std::string ns = "/proc/" + std::to_string(container.pid()) + "/ns/";
  second.add_namespace("user", ns + "user").add_namespace("network", ns + "net");
  second.linux().erase("uidMappings");
  second.linux().erase("gidMappings");
  json seen = report(runtime, second);
  BOOST_TEST(seen["namespaces"]["user"] == std::filesystem::read_symlink(ns + "user").string());
  BOOST_TEST(seen["namespaces"]["net"] == std::filesystem::read_symlink(ns + "net").string());
  BOOST_TEST(seen["uid"] == (json{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_namespace_that_cannot_be_joined_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace().add_namespace("user", "/proc/self/ns/user");
  bundle.linux().erase("uidMappings");
  bundle.linux().erase("gidMappings");
  check_refused(runtime, bundle, "setns");  // nobody enters the user namespace that he is in
}

BOOST_AUTO_TEST_CASE(joined_time_namespace_tells_its_time) {
  Runtime runtime;
  Holder holder{{"--time", "--fork", "--boottime", "10000000"}};
  Bundle bundle;
  // The child of `unshare --fork` is in the namespace; its parent's time_for_children names it.
  bundle.add_namespace("time", holder.path("time_for_children"));
  BOOST_TEST(report(runtime, bundle)["boottime"].get<double>() > 10000000.0);
}

BOOST_AUTO_TEST_CASE(path_to_a_namespace_of_another_type_is_an_error) {  // E23
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("network", "/proc/self/ns/ipc");
  check_refused(runtime, bundle, "/proc/self/ns/ipc");
}

BOOST_AUTO_TEST_CASE(path_that_is_no_namespace_is_an_error) {  // E23
  Runtime runtime;
  for (const char* path : {"/dev/null", "/does/not/exist", "/proc/self/status"}) {
    Bundle bundle;
    bundle.add_namespace("network", path);
    check_refused(runtime, bundle, path);
  }
}

BOOST_AUTO_TEST_CASE(relative_namespace_path_is_an_error) {  // E24
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("network", "proc/self/ns/net");
  check_refused(runtime, bundle, "/linux/namespaces/4/path");
}

BOOST_AUTO_TEST_CASE(namespace_listed_twice_is_an_error) {  // E22
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["namespaces"].push_back({{"type", "pid"}});
  check_refused(runtime, bundle, "/linux/namespaces/5");
}

BOOST_AUTO_TEST_CASE(unknown_namespace_is_an_error) {  // E21
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("space");
  check_refused(runtime, bundle, "/linux/namespaces/5/type");
}

BOOST_AUTO_TEST_CASE(hostname_and_domainname_are_set_in_the_container_alone) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["hostname"] = "inside";
  const json host = host_report();
  BOOST_TEST(report(runtime, bundle)["hostname"] == "inside");
  BOOST_TEST(host_report()["hostname"] == host["hostname"]);
}

BOOST_AUTO_TEST_CASE(domainname_is_set_in_the_container_alone) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["domainname"] = "example.org";
  const json host = host_report();
  BOOST_TEST(report(runtime, bundle)["domainname"] == "example.org");
  BOOST_TEST(host_report()["domainname"] == host["domainname"]);
}

BOOST_AUTO_TEST_CASE(hostname_without_a_namespace_of_its_own_is_an_error) {  // E29
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("uts");
  check_refused(runtime, bundle, "/hostname");
}

BOOST_AUTO_TEST_CASE(domainname_without_a_namespace_of_its_own_is_an_error) {  // E29
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("uts");
  bundle.config.erase("hostname");
  bundle.config["domainname"] = "example.org";
  check_refused(runtime, bundle, "/domainname");
}

BOOST_AUTO_TEST_CASE(loopback_is_up_in_a_new_network_namespace) {
  Runtime runtime;
  Bundle bundle;
  json interfaces = report(runtime, bundle)["interfaces"];
  BOOST_TEST(interfaces.size() == 1U);
  BOOST_TEST(interfaces.contains("lo"));
  Output output = runtime.run(bundle.args({"ip", "-o", "link", "show", "lo"}));
  BOOST_TEST(contains(output.out, "LOOPBACK,UP,LOWER_UP"));
}

BOOST_AUTO_TEST_CASE(clocks_of_a_new_time_namespace_are_offset) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("time");
  bundle.linux()["timeOffsets"] = {{"boottime", {{"secs", 1000000}, {"nanosecs", 5}}},
                                   {"monotonic", {{"secs", 2000000}}}};
  const json host = host_report();
  json seen = report(runtime, bundle);
  BOOST_TEST(std::abs(seen["boottime"].get<double>() - host["boottime"].get<double>() - 1e6) < 60);
  BOOST_TEST(std::abs(seen["monotonic"].get<double>() - host["monotonic"].get<double>() - 2e6) <
             60);
}

BOOST_AUTO_TEST_CASE(time_offsets_without_a_new_time_namespace_are_an_error) {  // E28
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["timeOffsets"] = {{"boottime", {{"secs", 1}}}};
  check_refused(runtime, bundle, "/linux/timeOffsets");
  bundle.add_namespace("time", "/proc/self/ns/time");
  check_refused(runtime, bundle, "/linux/timeOffsets");
}

BOOST_AUTO_TEST_CASE(cgroup_namespace_hides_where_the_cgroup_is) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("cgroup");
  json lines = report(runtime, bundle)["cgroup"];
  for (const json& line : lines) {
    std::string text = line;
    if (text.starts_with("0:") && !is_unified()) continue;  // nothing is on the unified hierarchy
    BOOST_TEST(text.ends_with(":/"), text);
  }
}

BOOST_AUTO_TEST_CASE(paths_to_mask_without_a_mount_namespace_are_an_error) {  // E30
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("mount");
  check_refused(runtime, bundle, "/linux");
}

BOOST_AUTO_TEST_SUITE_END()
