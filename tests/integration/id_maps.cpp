// User namespaces and their maps; what an unprivileged caller gets.
#include <grp.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

constexpr uid_t kCaller = 1234;

// Options with which the runtime is run by an ordinary user.
RunOptions as_user(const std::string& run_dir) {
  RunOptions options;
  options.env = {"XDG_RUNTIME_DIR=" + run_dir, "HOME=/tmp", "USER=nobody"};
  options.in_child = [] {
    checked(::setgroups(0, nullptr), "setgroups");
    checked(::setresgid(kCaller, kCaller, kCaller), "setresgid");
    checked(::setresuid(kCaller, kCaller, kCaller), "setresuid");
  };
  return options;
}

// What `runc spec --rootless` would give that user.
void make_rootless(Bundle& bundle) {
  bundle.remove_namespace("network").add_namespace("user");
  bundle.linux()["uidMappings"] = {{{"containerID", 0}, {"hostID", kCaller}, {"size", 1}}};
  bundle.linux()["gidMappings"] = {{{"containerID", 0}, {"hostID", kCaller}, {"size", 1}}};
  bundle.linux().erase("resources");
  bundle.linux().erase("cgroupsPath");
  bundle.remove_mount("/sys/fs/cgroup").remove_mount("/sys");
  bundle.add_mount("/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"});
  bundle.mount_at("/dev/pts")["options"] = {"nosuid", "noexec", "newinstance", "ptmxmode=0666",
                                            "mode=0620"};
  for (const char* path : {"", "/rootfs"})
    checked(::chown((bundle.path() + path).c_str(), kCaller, kCaller), "chown");
}

// What the probe prints in a container that an ordinary user runs, of which nothing is left.
json seen_by_container_of_caller(const Bundle& bundle) {
  TempDir root;
  checked(::chown(root.path().c_str(), kCaller, kCaller), "chown");
  const Output output = ocelot::test::run(
      {Runtime::path(), "--root", root / "state", "run", "--bundle", bundle.path(), "rootless"},
      as_user(root.path()));
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  BOOST_TEST(std::filesystem::is_empty(root / "state"));
  return json::parse(output.out);
}

Output run_unshared(const Runtime& runtime, Bundle& bundle) {
  bundle.linux().erase("resources");
  bundle.mount_at("/dev/pts")["options"] = {"newinstance", "ptmxmode=0666"};
  bundle.write();
  std::vector<std::string> command{"unshare", "-Ur", "--mount"};
  for (std::string& word : runtime.command({"run", "--bundle", bundle.path(), "c"}))
    command.push_back(std::move(word));
  return ocelot::test::run(command);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(id_maps, *needs::root())

BOOST_AUTO_TEST_CASE(maps_of_the_namespace_are_those_of_the_config) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.linux()["uidMappings"] = json::parse(R"([
    {"containerID": 0, "hostID": 100000, "size": 10},
    {"containerID": 10, "hostID": 200000, "size": 90}])");
  json seen = report(runtime, bundle);
  auto numbers = [](const json& line) {
    std::istringstream in{line.get<std::string>()};
    json list = json::array();
    for (uint64_t number = 0; in >> number;) list.push_back(number);
    return list;
  };
  BOOST_TEST(numbers(seen["uid_map"][0]) == (json{0, 100000, 10}));
  BOOST_TEST(numbers(seen["uid_map"][1]) == (json{10, 200000, 90}));
  BOOST_TEST(numbers(seen["gid_map"][0]) == (json{0, 100000, 65536}));
  BOOST_TEST(seen["uid"] == (json{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(process_is_the_mapped_user_outside) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.process()["user"] = {{"uid", 5}, {"gid", 6}};
  Container container = runtime.must_create(bundle.args(probe_args({{"hold"}})));
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready");
  struct stat status {};
  checked(::stat(("/proc/" + std::to_string(container.pid())).c_str(), &status), "stat");
  BOOST_TEST(status.st_uid == kHostId + 5);
  BOOST_TEST(status.st_gid == kHostId + 6);
}

BOOST_AUTO_TEST_CASE(files_made_inside_belong_to_the_mapped_user_outside) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.add_user_namespace();
  BOOST_TEST(act(runtime, bundle, {{"create", "/tmp/file"}})[0]["ok"] == true);
  struct stat status {};
  checked(::stat((bundle.rootfs() + "/tmp/file").c_str(), &status), "stat");
  BOOST_TEST(status.st_uid == kHostId);
}

BOOST_AUTO_TEST_CASE(groups_can_be_set_in_a_namespace_with_many_ids) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.process()["user"] = {{"uid", 0}, {"gid", 0}, {"additionalGids", {5, 7}}};
  json groups = report(runtime, bundle)["groups"];
  std::sort(groups.begin(), groups.end());
  BOOST_TEST(groups == (json{5, 7}));
}

BOOST_AUTO_TEST_CASE(bind_source_that_only_root_may_reach_is_mounted) {
  Runtime runtime;
  TempDir secret;
  std::filesystem::create_directory(secret / "inner");
  write_file(secret / "inner/file", "content");
  checked(::chmod(secret.path().c_str(), 0700), "chmod");
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.add_mount("/mnt", "bind", secret / "inner", {"bind"});
  BOOST_TEST(act(runtime, bundle, {{"read", "/mnt/file"}})[0]["text"] == "content");
}

BOOST_AUTO_TEST_CASE(locked_flags_of_a_bind_source_are_kept) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.add_mount("/mnt", "bind", "/dev/shm", {"bind", "ro"});
  json mount = mount_in(report(runtime, bundle), "/mnt");
  BOOST_TEST(has_option(mount, "ro"));
}

BOOST_AUTO_TEST_CASE(mappings_without_a_user_namespace_are_an_error) {  // E25
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["uidMappings"] = {{{"containerID", 0}, {"hostID", 1000}, {"size", 1}}};
  check_refused(runtime, bundle, "/linux/uidMappings");
}

BOOST_AUTO_TEST_CASE(sysfs_of_the_host_stands_in_where_none_can_be_mounted,
                     *needs::ocelot("runc mounts none there, and fails")) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace().remove_namespace("network").remove_mount("/sys/fs/cgroup");
  const json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/sys")["type"] == "sysfs");
  // With what is mounted below, and all of it as read-only as was asked for.
  std::size_t mounts = 0;
  for (const json& mount : seen["mounts"]) {
    if (!mount["point"].get<std::string>().starts_with("/sys/")) continue;
    ++mounts;
    BOOST_TEST(has_option(mount, "ro"), mount.dump());
  }
  BOOST_TEST(mounts > 1U);
}

BOOST_AUTO_TEST_CASE(group_of_terminals_that_is_not_mapped_is_left_out,
                     *needs::ocelot("runc leaves that to its caller")) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace(kHostId, 1);
  bundle.mount_at("/dev/pts")["options"] = {"newinstance", "ptmxmode=0666", "mode=0620", "gid=5"};
  BOOST_TEST(mount_in(report(runtime, bundle), "/dev/pts")["type"] == "devpts");
}

BOOST_AUTO_TEST_CASE(user_namespace_without_mappings_is_an_error) {  // E26
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("user");
  check_refused(runtime, bundle, "/linux/uidMappings");
}

BOOST_AUTO_TEST_CASE(joined_user_namespace_with_other_mappings_is_an_error) {  // E27
  Runtime runtime;
  Bundle first;
  first.add_user_namespace();
  Container container = runtime.must_create(first.args({"true"}), "first");
  for (const char* name : {"uidMappings", "gidMappings"}) {
    Bundle second;
    second.add_user_namespace();
    second.add_namespace("user", "/proc/" + std::to_string(container.pid()) + "/ns/user");
    second.linux()[name] = {{{"containerID", 0}, {"hostID", 5}, {"size", 1}}};
    Output output = runtime.create(second, "second").created;
    BOOST_TEST(output.status == 1, name);
    if (!Runtime::is_reference()) BOOST_TEST(contains(output.err, name), output.err);
  }
}

// Without privileges nobody joins the network's namespace before the user's.
BOOST_AUTO_TEST_CASE(an_ordinary_user_joins_a_user_namespace_and_one_that_belongs_to_it,
                     *needs::ocelot("runc demands mappings for a joined namespace")) {
  RunOptions options = as_user("/tmp");
  options.keep_input_open = true;
  Command holder{
      {"unshare", "--user", "--map-root-user", "--net", "sh", "-c", "echo ready; read x"}, options};
  holder.read_until("ready");
  const std::string namespaces = "/proc/" + std::to_string(holder.pid()) + "/ns/";
  Bundle bundle;
  make_rootless(bundle);
  bundle.add_namespace("user", namespaces + "user").add_namespace("network", namespaces + "net");
  bundle.linux().erase("uidMappings");
  bundle.linux().erase("gidMappings");
  bundle.args({"/bin/probe"}).write();
  const json seen = seen_by_container_of_caller(bundle)["namespaces"];
  for (const char* name : {"user", "net"})
    BOOST_TEST(seen[name] == std::filesystem::read_symlink(namespaces + name).string(), name);
}

BOOST_AUTO_TEST_CASE(overlapping_mappings_are_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.linux()["uidMappings"].push_back({{"containerID", 5}, {"hostID", 300000}, {"size", 5}});
  check_refused(runtime, bundle, "/linux/uidMappings/1");
}

BOOST_AUTO_TEST_CASE(empty_mapping_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.linux()["gidMappings"][0]["size"] = 0;
  check_refused(runtime, bundle, "/linux/gidMappings/0/size");
}

BOOST_AUTO_TEST_CASE(unprivileged_caller_becomes_root_of_a_namespace_of_its_own) {
  Bundle bundle;
  make_rootless(bundle);
  bundle.args({"/bin/probe"}).write();
  const json seen = seen_by_container_of_caller(bundle);
  BOOST_TEST(seen["uid"] == (json{0, 0, 0}));
  BOOST_TEST(seen["setgroups"] == "deny\n");
  BOOST_TEST(seen["dev"]["null"]["rdev"] == (json{1, 3}));
}

BOOST_AUTO_TEST_CASE(unprivileged_caller_may_have_more_bind_mounts_than_descriptors) {  // L20
  Bundle bundle;
  make_rootless(bundle);
  bundle.process().erase("rlimits");
  TempDir root;
  write_file(root / "file", "content");
  checked(::chown(root.path().c_str(), kCaller, kCaller), "chown");
  std::vector<Action> actions;
  for (int i = 0; i < 200; ++i) {
    const std::string at = "/tmp/" + std::to_string(i);
    bundle.add_mount(at, "bind", root / "file", {"bind"});
    actions.push_back({"read", at});
  }
  bundle.args(probe_args(actions)).write();
  RunOptions options = as_user(root.path());
  options.in_child = [then = options.in_child] {
    const rlimit few{128, 128};
    ::setrlimit(RLIMIT_NOFILE, &few);
    if (then) then();
  };
  Output output =
      run({Runtime::path(), "--root", root / "state", "run", "--bundle", bundle.path(), "rootless"},
          options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  for (const json& seen : json::parse(output.out)) BOOST_TEST(seen["text"] == "content");
}

BOOST_AUTO_TEST_CASE(unprivileged_caller_has_its_state_in_xdg_runtime_dir) {
  Bundle bundle;
  make_rootless(bundle);
  bundle.args({"true"}).write();
  TempDir root;
  checked(::chown(root.path().c_str(), kCaller, kCaller), "chown");
  RunOptions options = as_user(root.path());
  auto call = [&](std::vector<std::string> words) {
    words.insert(words.begin(), Runtime::path());
    return run(words, options);
  };
  Output created = call({"create", "--bundle", bundle.path(), "rootless"});
  BOOST_TEST(created.status == 0, created.err);
  std::string name = std::filesystem::path{Runtime::path()}.filename();
  BOOST_TEST(std::filesystem::is_directory(root / (name + "/rootless")));
  struct stat status {};
  checked(::stat((root / name).c_str(), &status), "stat");
  BOOST_TEST((status.st_mode & 07777) == 01700U);  // sticky: cleaners of tmp spare it
  BOOST_TEST(call({"delete", "--force", "rootless"}).status == 0);
}

BOOST_AUTO_TEST_CASE(ranges_of_an_unprivileged_caller_are_written_by_newuidmap,
                     *needs::file("/usr/bin/newuidmap")) {
  // /etc/subuid as this test needs it, in the mount table of this process alone.
  TempDir files;
  const std::string line = std::to_string(kCaller) + ":" + std::to_string(kHostId) + ":65536\n";
  for (const char* name : {"subuid", "subgid"}) {
    write_file(files / name, line);
    checked(::mount((files / name).c_str(), (std::string{"/etc/"} + name).c_str(), nullptr, MS_BIND,
                    nullptr),
            "bind");
  }
  write_file(files / "passwd", read_file("/etc/passwd") + "caller:x:" + std::to_string(kCaller) +
                                   ":" + std::to_string(kCaller) + "::/tmp:/bin/sh\n");
  checked(::mount((files / "passwd").c_str(), "/etc/passwd", nullptr, MS_BIND, nullptr), "bind");

  Bundle bundle;
  make_rootless(bundle);
  for (const char* maps : {"uidMappings", "gidMappings"})
    bundle.linux()[maps].push_back({{"containerID", 1}, {"hostID", kHostId}, {"size", 100}});
  bundle.args({"/bin/probe"}).write();
  TempDir root;
  checked(::chown(root.path().c_str(), kCaller, kCaller), "chown");
  Output output =
      run({Runtime::path(), "--root", root / "state", "run", "--bundle", bundle.path(), "rootless"},
          as_user(root.path()));
  for (const char* name : {"/etc/subuid", "/etc/subgid", "/etc/passwd"})
    checked(::umount2(name, MNT_DETACH), "umount");
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  BOOST_TEST(json::parse(output.out)["uid_map"].size() == 2U);
}

// As `unshare -r` makes a user namespace, and podman for an ordinary user without subordinate ids.
BOOST_AUTO_TEST_CASE(a_caller_whose_user_namespace_denies_setgroups_has_containers) {
  Runtime runtime;
  Bundle bundle;
  const Output output = run_unshared(runtime, bundle.args({"id", "-u"}));
  BOOST_TEST(output.out == "0\n", output.err);
}

// CVE-2023-25809
BOOST_AUTO_TEST_CASE(the_hosts_cgroups_are_readonly_where_the_caller_is_in_a_user_namespace,
                     *needs::ocelot("on v1 runc does not know cgroup2")) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("cgroup");
  bundle.add_mount("/mnt", "cgroup2", "cgroup2", {"nosuid"});
  const Output output =
      run_unshared(runtime, bundle.args({"grep", " /mnt ", "/proc/self/mountinfo"}));
  BOOST_TEST(contains(output.out, " ro,"), output.out << output.err);
}

BOOST_AUTO_TEST_SUITE_END()
