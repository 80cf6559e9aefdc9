// Paths that the container must not read or not write.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(masked_paths)

BOOST_AUTO_TEST_CASE(masked_file_is_dev_null) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/secret", "secret");
  bundle.linux()["maskedPaths"] = {"/etc/secret", "/proc/keys"};
  json outcomes = act(runtime, bundle,
                      {{"read", "/etc/secret"}, {"stat", "/etc/secret"}, {"stat", "/proc/keys"}});
  BOOST_TEST(outcomes[0]["text"] == "");
  BOOST_TEST(outcomes[1]["rdev"] == (json{1, 3}));
  BOOST_TEST(outcomes[2]["rdev"] == (json{1, 3}));
}

BOOST_AUTO_TEST_CASE(masked_directory_is_empty_and_stays_so) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.put("/secrets/one", "secret");
  bundle.linux()["maskedPaths"] = {"/secrets"};
  json outcomes =
      act(runtime, bundle, {{"list", "/secrets"}, {"create", "/secrets/new"}, {"report"}});
  BOOST_TEST(outcomes[0]["names"] == json::array());
  BOOST_TEST(outcomes[1]["errno"] == "EROFS");
  BOOST_TEST(mount_in(outcomes[2], "/secrets")["type"] == "tmpfs");
}

BOOST_AUTO_TEST_CASE(missing_paths_are_passed_over) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["maskedPaths"] = {"/no/such/file"};
  bundle.linux()["readonlyPaths"] = {"/no/such/file", "/no"};
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

BOOST_AUTO_TEST_CASE(masks_do_not_follow_links_out_of_the_root) {
  Runtime runtime;
  Bundle bundle;
  TempDir outside;
  write_file(outside / "file", "content");
  std::filesystem::create_symlink(outside / "file", bundle.rootfs() + "/link");
  bundle.linux()["maskedPaths"] = {"/link"};
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  BOOST_TEST(read_file(outside / "file") == "content");
}

BOOST_AUTO_TEST_CASE(readonly_path_cannot_be_written) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.put("/data/file", "content");
  bundle.linux()["readonlyPaths"] = {"/data", "/proc/sys"};
  json outcomes = act(runtime, bundle,
                      {{"read", "/data/file"},
                       {"write", "/data/file", "x"},
                       {"create", "/data/new"},
                       {"create", "/free"},
                       {"write", "/proc/sys/net/ipv4/ip_forward", "1"}});
  BOOST_TEST(outcomes[0]["text"] == "content");
  BOOST_TEST(outcomes[1]["errno"] == "EROFS");
  BOOST_TEST(outcomes[2]["errno"] == "EROFS");
  BOOST_TEST(outcomes[3]["ok"] == true);
  BOOST_TEST(outcomes[4]["errno"] == "EROFS");
}

BOOST_AUTO_TEST_CASE(readonly_path_keeps_the_other_flags_of_its_mount) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"nosuid", "nodev", "noexec"});
  bundle.linux()["readonlyPaths"] = {"/data"};
  json mount = mount_in(report(runtime, bundle), "/data");
  for (const char* flag : {"ro", "nosuid", "nodev", "noexec"})
    BOOST_TEST(has_option(mount, flag), flag);
}

BOOST_AUTO_TEST_CASE(readonly_path_shows_what_is_mounted_below) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/data", "tmpfs", "tmpfs")
      .add_mount("/data/below", "tmpfs", "tmpfs", {"size=64k"});
  bundle.linux()["readonlyPaths"] = {"/data"};
  json outcomes = act(runtime, bundle, {{"statfs", "/data/below"}, {"create", "/data/file"}});
  BOOST_TEST(outcomes[0]["blocks"] == 16);
  BOOST_TEST(outcomes[1]["errno"] == "EROFS");
}

BOOST_AUTO_TEST_CASE(relative_paths_are_an_error) {  // E60
  Runtime runtime;
  for (const char* list : {"maskedPaths", "readonlyPaths"}) {
    Bundle bundle;
    bundle.linux()[list] = {"proc/sys"};
    check_refused(runtime, bundle, std::string{"/linux/"} + list + "/0");
  }
}

BOOST_AUTO_TEST_CASE(hundreds_of_masks_share_one_file_system) {  // L22
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["maskedPaths"] = json::array();
  for (int i = 0; i < 300; ++i) {
    std::string path = "/masked/" + std::to_string(i);
    bundle.put_directory(path);
    bundle.linux()["maskedPaths"].push_back(path);
  }
  json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/masked/0")["device"] == mount_in(seen, "/masked/299")["device"]);
  BOOST_TEST(has_option(mount_in(seen, "/masked/299"), "ro"));
}

BOOST_AUTO_TEST_CASE(dev_null_of_a_hostile_image_masks_nothing) {  // CVE-2025-31133
  Runtime runtime;
  Bundle bundle;
  for (const char* point : {"/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"})
    bundle.remove_mount(point);
  std::filesystem::create_symlink("/proc/sysrq-trigger", bundle.rootfs() + "/dev/null");
  bundle.put("/etc/secret", "secret");
  bundle.linux()["maskedPaths"] = {"/etc/secret"};
  Output output = runtime.run(bundle.args(probe_args({{"stat", "/etc/secret"}})));
  if (output.status == 0) BOOST_TEST(json::parse(output.out)[0]["rdev"] == (json{1, 3}));
}

BOOST_AUTO_TEST_CASE(path_below_one_that_is_masked_already_is_no_longer_there) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/secrets/inner/file", "secret");
  for (const bool above_first : {true, false}) {
    json paths = {"/secrets", "/secrets/inner", "/secrets/inner/file"};
    if (!above_first) std::reverse(paths.begin(), paths.end());
    bundle.linux()["maskedPaths"] = paths;
    json outcomes =
        act(runtime, bundle, {{"list", "/secrets"}, {"read", "/secrets/inner/file"}, {"report"}});
    BOOST_TEST(outcomes[0]["names"] == json::array());
    BOOST_TEST(outcomes[1]["errno"] == "ENOENT");
    BOOST_TEST(mount_in(outcomes[2], "/secrets")["type"] == "tmpfs");
    BOOST_TEST(mount_in(outcomes[2], "/secrets/inner").is_null() == above_first);
  }
}

BOOST_AUTO_TEST_CASE(the_root_itself_can_be_readonly) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.linux()["readonlyPaths"] = {"/"};
  BOOST_TEST(act(runtime, bundle, {{"create", "/file"}})[0]["errno"] == "EROFS");
}

BOOST_AUTO_TEST_CASE(the_root_itself_cannot_be_masked, *needs::ocelot("runc does nothing then")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["maskedPaths"] = {"/"};
  check_refused(runtime, bundle, "/linux/maskedPaths/0");
}

BOOST_AUTO_TEST_SUITE_END()
