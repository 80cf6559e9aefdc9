// The root file system and the mounts: what is there, where, in which order.
#include <sys/mount.h>
#include <sys/resource.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(root_and_mounts)

BOOST_AUTO_TEST_CASE(root_path_is_relative_to_the_bundle) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/motd", "hello\n");
  BOOST_TEST(runtime.run(bundle.args({"cat", "/etc/motd"})).out == "hello\n");
}

BOOST_AUTO_TEST_CASE(root_path_may_be_absolute) {
  Runtime runtime;
  Bundle bundle, other;
  bundle.put("/etc/motd", "hello\n");
  other.config["root"]["path"] = bundle.rootfs();
  BOOST_TEST(runtime.run(other.args({"cat", "/etc/motd"})).out == "hello\n");
}

BOOST_AUTO_TEST_CASE(readonly_root_cannot_be_written_but_mounts_in_it_can) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/run", "tmpfs", "tmpfs");
  json outcomes = act(runtime, bundle, {{"create", "/file"}, {"create", "/run/file"}});
  BOOST_TEST(outcomes[0]["errno"] == "EROFS");
  BOOST_TEST(outcomes[1]["ok"] == true);
}

BOOST_AUTO_TEST_CASE(writable_root_keeps_what_is_written) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  BOOST_TEST(act(runtime, bundle, {{"create", "/file"}})[0]["ok"] == true);
  BOOST_TEST(std::filesystem::exists(bundle.rootfs() + "/file"));
}

BOOST_AUTO_TEST_CASE(nothing_of_the_old_root_is_mounted) {
  Runtime runtime;
  Bundle bundle;
  std::vector<std::string> allowed{"/"};
  for (const json& mount : bundle.config["mounts"]) allowed.push_back(mount["destination"]);
  for (const char* list : {"maskedPaths", "readonlyPaths"})
    for (const json& path : bundle.linux()[list]) allowed.push_back(path);
  json seen = report(runtime, bundle);
  for (const json& mount : seen["mounts"]) {
    std::string point = mount["point"];
    bool cgroup = point.starts_with("/sys/fs/cgroup/");
    BOOST_TEST((cgroup || std::count(allowed.begin(), allowed.end(), point) != 0),
               point << " is mounted");
  }
}

BOOST_AUTO_TEST_CASE(directories_above_the_root_lead_nowhere) {
  Runtime runtime;
  Bundle bundle;
  json outcomes = act(runtime, bundle, {{"list", "/../../.."}, {"list", "/"}});
  BOOST_TEST(outcomes[0]["names"] == outcomes[1]["names"]);
}

BOOST_AUTO_TEST_CASE(default_filesystems_are_real_instances) {
  Runtime runtime;
  Bundle bundle;
  json seen = report(runtime, bundle);
  for (auto [point, type] : {std::pair{"/proc", "proc"}, std::pair{"/sys", "sysfs"},
                             std::pair{"/dev", "tmpfs"}, std::pair{"/dev/pts", "devpts"},
                             std::pair{"/dev/shm", "tmpfs"}, std::pair{"/dev/mqueue", "mqueue"}})
    BOOST_TEST(mount_in(seen, point)["type"] == type, point);
  BOOST_TEST(seen["pid"] == 1);  // of the new pid namespace, so /proc is that of the container
}

BOOST_AUTO_TEST_CASE(missing_destination_of_a_directory_is_made) {
  Runtime runtime;
  Bundle bundle;
  TempDir source;
  write_file(source / "file", "content");
  bundle.add_mount("/made/on/the/way", "bind", source.path(), {"bind"});
  BOOST_TEST(act(runtime, bundle, {{"read", "/made/on/the/way/file"}})[0]["text"] == "content");
}

BOOST_AUTO_TEST_CASE(missing_destination_of_a_file_is_made_as_a_file) {
  Runtime runtime;
  Bundle bundle;
  TempDir source;
  write_file(source / "file", "content");
  bundle.add_mount("/made/file", "bind", source / "file", {"bind"});
  json outcomes = act(runtime, bundle, {{"read", "/made/file"}, {"stat", "/made/file"}});
  BOOST_TEST(outcomes[0]["text"] == "content");
  BOOST_TEST(outcomes[1]["type"] == "file");
}

BOOST_AUTO_TEST_CASE(destination_is_resolved_inside_the_root) {
  Runtime runtime;
  Bundle bundle;
  std::filesystem::create_symlink("/target", bundle.rootfs() + "/absolute");
  std::filesystem::create_symlink("../../../../../../target", bundle.rootfs() + "/relative");
  bundle.put_directory("/target");
  bundle.add_mount("/absolute/a", "tmpfs", "tmpfs").add_mount("/relative/b", "tmpfs", "tmpfs");
  json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/target/a")["type"] == "tmpfs");
  BOOST_TEST(mount_in(seen, "/target/b")["type"] == "tmpfs");
  BOOST_TEST(!std::filesystem::exists("/target"));
}

BOOST_AUTO_TEST_CASE(mounts_are_made_in_the_order_of_the_list) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "first").add_mount("/mnt", "tmpfs", "second");
  bundle.add_mount("/mnt/below", "tmpfs", "third");
  json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/mnt")["source"] == "second");
  BOOST_TEST(mount_in(seen, "/mnt/below")["parent"] == mount_in(seen, "/mnt")["id"]);
}

BOOST_AUTO_TEST_CASE(bind_source_may_be_relative_to_the_bundle) {
  Runtime runtime;
  Bundle bundle;
  std::filesystem::create_directory(bundle.path() + "/volume");
  write_file(bundle.path() + "/volume/file", "content");
  bundle.add_mount("/mnt", "bind", "volume", {"bind"});
  BOOST_TEST(act(runtime, bundle, {{"read", "/mnt/file"}})[0]["text"] == "content");
}

BOOST_AUTO_TEST_CASE(bind_options_win_over_the_type) {
  Runtime runtime;
  Bundle bundle;
  TempDir source;
  write_file(source / "file", "content");
  bundle.add_mount("/mnt", "none", source.path(), {"rbind"});
  BOOST_TEST(act(runtime, bundle, {{"read", "/mnt/file"}})[0]["text"] == "content");
}

BOOST_AUTO_TEST_CASE(missing_bind_source_is_an_error_that_names_it) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", "/does/not/exist", {"bind"});
  std::string error = check_refused(runtime, bundle, "mounts[7]");
  BOOST_TEST(contains(error, "/does/not/exist"));
  BOOST_TEST(contains(error, "o such file or directory"));
}

BOOST_AUTO_TEST_CASE(unknown_filesystem_type_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "nosuchfs", "none");
  std::string error = check_refused(runtime, bundle, "mounts[7]");
  BOOST_TEST(contains(error, "o such device"));
}

BOOST_AUTO_TEST_CASE(any_filesystem_of_the_kernel_can_be_mounted, *needs::filesystem("overlay")) {
  Runtime runtime;
  Bundle bundle;
  TempDir layers;
  for (const char* name : {"lower", "upper", "work"})
    std::filesystem::create_directory(layers / name);
  write_file(layers / "lower/file", "content");
  bundle.add_mount("/mnt", "overlay", "overlay",
                   {"lowerdir=" + layers / "lower", "upperdir=" + layers / "upper",
                    "workdir=" + layers / "work"});
  json outcomes = act(runtime, bundle, {{"read", "/mnt/file"}, {"create", "/mnt/new"}});
  BOOST_TEST(outcomes[0]["text"] == "content");
  BOOST_TEST(std::filesystem::exists(layers / "upper/new"));
}

BOOST_AUTO_TEST_CASE(mount_on_the_root_itself_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/", "tmpfs", "tmpfs");
  check_refused(runtime, bundle, "mounts");
}

BOOST_AUTO_TEST_CASE(mount_below_proc_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  TempDir source;
  bundle.add_mount("/proc/sys", "bind", source.path(), {"bind"});
  check_refused(runtime, bundle, "/proc/sys");
}

BOOST_AUTO_TEST_CASE(files_that_emulators_replace_may_be_mounted_below_proc) {
  Runtime runtime;
  Bundle bundle;
  TempDir source;
  write_file(source / "uptime", "1.00 2.00\n");
  bundle.add_mount("/proc/uptime", "bind", source / "uptime", {"bind"});
  BOOST_TEST(act(runtime, bundle, {{"read", "/proc/uptime"}})[0]["text"] == "1.00 2.00\n");
}

BOOST_AUTO_TEST_CASE(nothing_but_a_procfs_is_bound_on_proc, *needs::root()) {  // CVE-2019-16884
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");  // else nobody would find himself in the host's
  bundle.mount_at("/proc") = {
      {"destination", "/proc"}, {"type", "bind"}, {"source", "/proc"}, {"options", {"rbind"}}};
  BOOST_TEST(mount_in(report(runtime, bundle), "/proc")["type"] == "proc");
  const TempDir files;
  // The root of a tmpfs may have the number that the root of a procfs has.
  checked(::mount("tmpfs", files.path().c_str(), "tmpfs", 0, "size=64k"), "mount");
  for (const std::string& source : {files.path(), std::string{"/proc/sys"}}) {
    bundle.mount_at("/proc")["source"] = source;
    if (source == files.path() || !Runtime::is_reference())  // it looks at the type alone
      check_refused(runtime, bundle, "/proc");
  }
  checked(::umount2(files.path().c_str(), MNT_DETACH), "umount");
}

BOOST_AUTO_TEST_CASE(proc_and_sysfs_are_not_mounted_through_a_symlink) {
  Runtime runtime;
  for (const char* place : {"/proc", "/sys"}) {
    Bundle bundle;
    std::filesystem::remove(bundle.rootfs() + place);
    std::filesystem::create_directory(bundle.rootfs() + "/elsewhere");
    std::filesystem::create_symlink("/elsewhere", bundle.rootfs() + place);
    check_refused(runtime, bundle, place);
  }
}

BOOST_AUTO_TEST_CASE(source_of_a_new_file_system_is_its_name) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "some-name");
  BOOST_TEST(mount_in(report(runtime, bundle), "/mnt")["source"] == "some-name");
}

BOOST_AUTO_TEST_CASE(relative_destination_is_below_the_root) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("mnt", "tmpfs", "tmpfs");
  BOOST_TEST(mount_in(report(runtime, bundle), "/mnt")["type"] == "tmpfs");
}

BOOST_AUTO_TEST_CASE(nul_byte_in_a_field_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount(std::string{"/mnt\0x", 6}, "tmpfs", "tmpfs");
  check_refused(runtime, bundle, "config.json");
}

BOOST_AUTO_TEST_CASE(no_pivot_moves_the_root_instead) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/motd", "hello\n");
  bundle.args({"cat", "/etc/motd"});
  BOOST_TEST(runtime.run(bundle, "c", {"--no-pivot"}).out == "hello\n");
}

// With hooks the root lies at its path until then.
BOOST_AUTO_TEST_CASE(no_pivot_moves_the_root_for_processes_that_are_added_too, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/motd", "hello\n");
  bundle.config["hooks"]["createContainer"] = {{{"path", "/bin/true"}}};
  Container container = runtime.must_create(bundle.args({"sleep", "1000"}), "c", {"--no-pivot"});
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(runtime.call({"exec", "c", "cat", "/etc/motd"}).out == "hello\n");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
}

BOOST_AUTO_TEST_CASE(no_pivot_and_private_mounts_do_not_go_together) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"});
  for (const char* word : {"private", "rprivate"}) {
    bundle.linux()["rootfsPropagation"] = word;
    const Output output = runtime.run(bundle, "c", {"--no-pivot"});
    BOOST_TEST(output.status != 0, word);
    BOOST_TEST(contains(output.err, "not safe without pivot_root"), output.err);
  }
}

BOOST_AUTO_TEST_CASE(root_on_a_shared_mount_is_not_seen_from_outside) {
  Runtime runtime;
  Bundle bundle;
  const Leftovers before;
  bundle.linux()["rootfsPropagation"] = "shared";
  bundle.add_mount("/mnt", "tmpfs", "tmpfs");
  Container container = runtime.must_create(bundle.args({"true"}));
  for (const std::string& item : before.since()) BOOST_TEST(!item.starts_with("mount"), item);
}

BOOST_AUTO_TEST_CASE(rootfs_propagation_is_that_of_the_root_mount) {
  Runtime runtime;
  auto propagation = [&](const std::string& word) {
    Bundle bundle;
    bundle.linux()["rootfsPropagation"] = word;
    return mount_in(report(runtime, bundle), "/")["propagation"].dump();
  };
  BOOST_TEST(contains(propagation("shared"), "shared:"));
  BOOST_TEST(contains(propagation("rshared"), "shared:"));
  BOOST_TEST(propagation("private") == "[]");
  BOOST_TEST(propagation("rprivate") == "[]");
  BOOST_TEST(contains(propagation("unbindable"), "unbindable"));
}

BOOST_AUTO_TEST_CASE(rootfs_propagation_with_an_r_is_that_of_what_is_mounted_below_too,
                     *needs::ocelot("runc 1.1.5 sets that of the root alone")) {
  Runtime runtime;
  for (const char* word : {"shared", "unbindable"}) {
    Bundle bundle;
    bundle.add_mount("/mnt", "tmpfs", "tmpfs");
    const auto below = [&](const std::string& propagation) {
      bundle.linux()["rootfsPropagation"] = propagation;
      return mount_in(report(runtime, bundle), "/mnt")["propagation"].dump();
    };
    BOOST_TEST(!contains(below(word), word));
    BOOST_TEST(contains(below(std::string{"r"} + word), word));
  }
}

BOOST_AUTO_TEST_CASE(unknown_rootfs_propagation_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["rootfsPropagation"] = "everywhere";
  check_refused(runtime, bundle, "/linux/rootfsPropagation");
}

BOOST_AUTO_TEST_CASE(hundreds_of_bind_mounts_fit_the_usual_limit_of_descriptors) {  // L20
  Runtime runtime;
  Bundle bundle;
  TempDir source;
  write_file(source / "file", "content");
  for (int i = 0; i < 400; ++i)
    bundle.add_mount("/run/" + std::to_string(i), "bind", source.path(), {"bind", "ro"});
  RunOptions options;
  options.in_child = [] {
    rlimit limit{1024, 1024};
    checked(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  };
  bundle.process()["rlimits"] = json::array();
  json seen = report(runtime, bundle, {}, {}, options);
  BOOST_TEST(has_option(mount_in(seen, "/run/399"), "ro"));
}

BOOST_AUTO_TEST_CASE(more_bind_mounts_than_descriptors, *needs::root()) {  // L20
  constexpr int count = 200;
  Runtime runtime;
  for (const bool in_user_namespace : {false, true}) {
    Bundle bundle;
    TempDir source;
    // Hooks, a terminal and limits have their turns in the same conversation.
    bundle.process().erase("rlimits");
    if (in_user_namespace) bundle.add_user_namespace();
    std::vector<Action> actions;
    for (int i = 0; i < count; ++i) {
      const std::string name = "/" + std::to_string(i);
      write_file(source / name, name);
      bundle.add_mount("/mnt" + name, "bind", source / name, {"bind", "ro"});
      actions.push_back({"read", "/mnt" + name});
    }
    RunOptions options;
    options.in_child = [] {
      const rlimit few{128, 128};
      ::setrlimit(RLIMIT_NOFILE, &few);
    };
    json seen = act(runtime, bundle, actions, {}, options);
    for (int i = 0; i < count; ++i)
      BOOST_TEST(seen[static_cast<std::size_t>(i)]["text"] == "/" + std::to_string(i));
  }
}

BOOST_AUTO_TEST_CASE(source_of_a_late_bind_mount_that_is_missing_is_an_error, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  for (int i = 0; i < 100; ++i)
    bundle.add_mount("/mnt" + std::to_string(i), "bind", i == 90 ? "/no/such/source" : "/tmp",
                     {"bind"});
  check_refused(runtime, bundle, "/no/such/source");
}

BOOST_AUTO_TEST_SUITE_END()
