// Documents and root file systems that are not what they should be: a clear error, nothing left.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// Creates from a bundle whose config.json is `text`.
std::string refuse(Runtime& runtime, const std::string& text, const std::string& place) {
  Bundle bundle;
  write_file(bundle.config_path(), text);
  return check_refused(runtime, bundle.path(), place);
}

std::string good_text() {
  Bundle bundle;
  return bundle.args({"true"}).config.dump();
}

std::string insert_member(const std::string& member) {
  std::string text = good_text();
  return text.insert(1, member + ",");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(broken_input, *needs::root())

BOOST_AUTO_TEST_CASE(untouched_text_is_accepted) {  // the positive control of all below
  Runtime runtime;
  Bundle bundle;
  write_file(bundle.config_path(), insert_member(R"("x": 1)"));
  BOOST_TEST(runtime.run(bundle.path()).status == 0);
}

BOOST_AUTO_TEST_CASE(empty_config) {
  Runtime runtime;
  refuse(runtime, "", "config.json");
  refuse(runtime, " \n", "config.json");
}

BOOST_AUTO_TEST_CASE(truncated_config) {
  Runtime runtime;
  const std::string text = good_text();
  for (size_t length : {size_t{1}, text.size() / 4, text.size() / 2, text.size() - 1})
    refuse(runtime, text.substr(0, length), "config.json");
}

BOOST_AUTO_TEST_CASE(config_that_is_no_object) {
  Runtime runtime;
  for (const char* text : {"null", "[]", "3", "\"text\"", "{} {}"})
    refuse(runtime, text, "config.json");
}

BOOST_AUTO_TEST_CASE(text_after_the_document) {
  Runtime runtime;
  refuse(runtime, good_text() + "x", "config.json");
}

BOOST_AUTO_TEST_CASE(huge_config) {
  Runtime runtime;
  std::string text = insert_member(R"("x": ")" + std::string(100 << 20, 'x') + "\"");
  Bundle bundle;
  write_file(bundle.config_path(), text);
  const Leftovers before{{runtime.root()}};
  Output output = runtime.call({"create", "--bundle", bundle.path(), "c"});
  // A runtime may have a limit or may not; it must not die or leave anything.
  BOOST_TEST((output.status == 0 || output.status == 1), output.status);
  BOOST_TEST(runtime.call({"delete", "--force", "c"}).status == 0);
  for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
}

BOOST_AUTO_TEST_CASE(deeply_nested_config) {
  Runtime runtime;
  for (size_t depth : {size_t{20000}, size_t{1000000}}) {
    std::string nest = std::string(depth, '[') + std::string(depth, ']');
    refuse(runtime, insert_member("\"annotations\": " + nest), "config.json");
    refuse(runtime, std::string(depth, '['), "config.json");
  }
}

BOOST_AUTO_TEST_CASE(config_that_is_not_utf8, *needs::ocelot("runc replaces the bytes")) {
  Runtime runtime;
  refuse(runtime, insert_member("\"annotations\": {\"key\": \"\xff\xfe\"}"), "config.json");
  refuse(runtime, insert_member("\"\xc3\x28\": 1"), "config.json");
}

BOOST_AUTO_TEST_CASE(duplicate_keys, *needs::ocelot("runc takes the last")) {
  Runtime runtime;
  refuse(runtime, insert_member(R"("hostname": "first")"), "\"hostname\" stands twice");
  refuse(runtime, insert_member(R"("annotations": {"a": "1", "a": "2"})"), "\"a\" stands twice");
}

BOOST_AUTO_TEST_CASE(config_that_is_a_directory_or_a_device) {
  Runtime runtime;
  {
    Bundle bundle;
    std::filesystem::create_directory(bundle.config_path());
    check_refused(runtime, bundle.path(), "config.json");
  }
  {
    Bundle bundle;
    std::filesystem::create_symlink("/dev/null", bundle.config_path());
    check_refused(runtime, bundle.path(), "config.json");
  }
}

BOOST_AUTO_TEST_CASE(config_that_is_a_pipe_without_a_writer,
                     *needs::ocelot("runc waits for ever")) {
  Runtime runtime;
  Bundle bundle;
  checked(::mkfifo(bundle.config_path().c_str(), 0644), "mkfifo");
  check_refused(runtime, bundle.path(), "config.json");
}

BOOST_AUTO_TEST_CASE(wrong_types_are_refused_by_their_place) {  // E75
  Runtime runtime;
  for (auto [pointer, value] :
       {std::pair{"/process/args", json("sh")}, std::pair{"/process/args/0", json(1)},
        std::pair{"/process/env", json(json::object())},
        std::pair{"/process/terminal", json("yes")}, std::pair{"/root", json("rootfs")},
        std::pair{"/root/readonly", json(1)}, std::pair{"/mounts", json(json::object())},
        std::pair{"/mounts/0", json("proc")}, std::pair{"/mounts/0/options", json("ro")},
        std::pair{"/linux", json(json::array())}, std::pair{"/linux/namespaces/0/type", json(1)},
        std::pair{"/hooks", json(json::array())}, std::pair{"/annotations", json(json::array())}}) {
    Bundle bundle;
    bundle.config[json::json_pointer{pointer}] = value;
    check_refused(runtime, bundle, pointer);
  }
}

BOOST_AUTO_TEST_CASE(null_is_the_same_as_absent_for_optional_members) {
  Runtime runtime;
  Bundle bundle;
  for (const char* pointer :
       {"/hooks", "/annotations", "/linux/seccomp", "/linux/sysctl", "/linux/devices",
        "/linux/resources/memory", "/process/rlimits", "/process/selinuxLabel",
        "/linux/uidMappings", "/linux/maskedPaths", "/process/consoleSize"})
    bundle.config[json::json_pointer{pointer}] = nullptr;
  Output output = runtime.run(bundle.args({"true"}));
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(unknown_members_are_ignored) {  // E74
  Runtime runtime;
  Bundle bundle;
  bundle.config["unknown"] = {{"deep", {1, 2, {{"deeper", nullptr}}}}};
  bundle.process()["unknown"] = true;
  bundle.linux()["unknown"] = "x";
  bundle.config["mounts"][0]["unknown"] = 1;
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

BOOST_AUTO_TEST_CASE(root_that_is_missing) {  // E03
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["path"] = "nosuchrootfs";
  std::string error = check_refused(runtime, bundle, "nosuchrootfs");
  BOOST_TEST(contains(error, "nosuchrootfs"));
  bundle.config.erase("root");  // E02
  check_refused(runtime, bundle, "/root");
}

BOOST_AUTO_TEST_CASE(root_that_is_a_file) {  // E03
  Runtime runtime;
  Bundle bundle;
  write_file(bundle.path() + "/file", "");
  bundle.config["root"]["path"] = "file";
  check_refused(runtime, bundle, "file");
}

BOOST_AUTO_TEST_CASE(root_that_is_a_symlink_to_a_file) {
  Runtime runtime;
  Bundle bundle;
  std::filesystem::create_symlink("/etc/passwd", bundle.path() + "/link");
  bundle.config["root"]["path"] = "link";
  check_refused(runtime, bundle, "link");
}

BOOST_AUTO_TEST_CASE(root_that_is_a_symlink_to_a_directory,
                     *needs::ocelot("runc refuses symlinks")) {
  Runtime runtime;
  Bundle bundle;
  std::filesystem::create_symlink("rootfs", bundle.path() + "/link");
  bundle.config["root"]["path"] = "link";
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

BOOST_AUTO_TEST_CASE(root_with_links_where_file_systems_are_mounted) {
  const std::vector<std::pair<std::string, std::string>> links{{"/proc", "/"},
                                                               {"/proc", "/../../../../proc"},
                                                               {"/proc", "/bin"},
                                                               {"/sys", "/"},
                                                               {"/dev", "/bin"},
                                                               {"/dev", "/../../../../../../dev"},
                                                               {"/proc", "/no/such/target"}};
  for (const auto& [place, target] : links) {
    Runtime runtime;
    Bundle bundle;
    const Leftovers before{{runtime.root()}};
    const std::vector<std::string> host_dev = files_below("/dev");
    std::filesystem::remove(bundle.rootfs() + place);
    std::filesystem::create_symlink(target, bundle.rootfs() + place);
    Output output = runtime.run(bundle.args({"/bin/true"}));
    // For /proc and /sys it is an error; /dev may be followed inside the root.
    if (place != "/dev") {
      BOOST_TEST(output.status == 1, place << " -> " << target);
      if (!Runtime::is_reference()) BOOST_TEST(contains(output.err, place), output.err);
    }
    BOOST_TEST(files_below("/dev") == host_dev, boost::test_tools::per_element());
    for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
  }
}

BOOST_AUTO_TEST_CASE(root_with_links_where_devices_are_made) {
  for (const char* name : {"null", "zero", "console", "ptmx", "fd", "stdin", "tty"}) {
    Runtime runtime;
    Bundle bundle;
    TempDir outside;
    write_file(outside / "victim", "untouched");
    checked(::chmod((outside / "victim").c_str(), 0600), "chmod");
    bundle.config["root"]["readonly"] = false;
    for (const char* point : {"/dev", "/dev/shm", "/dev/mqueue", "/dev/pts"})
      bundle.remove_mount(point);
    std::filesystem::create_symlink(outside / "victim", bundle.rootfs() + "/dev/" + name);
    const Leftovers before{{runtime.root()}};
    runtime.run(bundle.args({"/bin/true"}));
    BOOST_TEST(read_file(outside / "victim") == "untouched", name);
    struct stat status {};
    checked(::stat((outside / "victim").c_str(), &status), "stat");
    BOOST_TEST(S_ISREG(status.st_mode), name);
    BOOST_TEST((status.st_mode & 07777) == 0600U, name);
    for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
  }
}

BOOST_AUTO_TEST_CASE(root_with_a_console_that_is_a_link) {  // CVE-2025-52565
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  TempDir outside;
  write_file(outside / "victim", "untouched");
  bundle.process()["terminal"] = true;
  bundle.config["root"]["readonly"] = false;
  for (const char* point : {"/dev", "/dev/shm", "/dev/mqueue"}) bundle.remove_mount(point);
  std::filesystem::create_symlink(outside / "victim", bundle.rootfs() + "/dev/console");
  const Leftovers before{{runtime.root()}};
  Container container =
      runtime.create(bundle.args({"/bin/true"}), "c", {"--console-socket", socket.path()});
  BOOST_TEST(read_file(outside / "victim") == "untouched");
  runtime.call({"delete", "--force", "c"});
  if (container.pidfd() != -1) container.wait();
  for (const std::string& item : before.since()) BOOST_TEST(!item.starts_with("mount"), item);
}

BOOST_AUTO_TEST_CASE(root_whose_null_is_another_device) {
  Runtime runtime;
  Bundle bundle;
  for (const char* point : {"/dev", "/dev/shm", "/dev/mqueue", "/dev/pts"})
    bundle.remove_mount(point);
  checked(::mknod((bundle.rootfs() + "/dev/null").c_str(), S_IFCHR | 0666, ::makedev(1, 5)),
          "mknod");
  check_refused(runtime, bundle.args({"/bin/true"}), "/dev/null");
}

BOOST_AUTO_TEST_CASE(annotations_that_are_no_texts) {  // E76
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"key", 1}};
  check_refused(runtime, bundle, "/annotations/key");
  bundle.config["annotations"] = {{"", "value"}};
  check_refused(runtime, bundle, "/annotations");
}

BOOST_AUTO_TEST_CASE(versions_that_are_none) {  // E01
  Runtime runtime;
  for (const json& version : {json("1"), json("one"), json("2.0.0"), json(""), json(1)}) {
    Bundle bundle;
    bundle.config["ociVersion"] = version;
    check_refused(runtime, bundle, "/ociVersion");
  }
  Bundle bundle;
  bundle.config.erase("ociVersion");
  check_refused(runtime, bundle, "/ociVersion");
}

BOOST_AUTO_TEST_CASE(versions_that_are_accepted) {
  Runtime runtime;
  for (const char* version : {"1.0.0", "1.0.2-dev", "1.1.0", "1.2.1+dev", "1.3.0", "1.9.0"}) {
    Bundle bundle;
    bundle.config["ociVersion"] = version;
    BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0, version);
  }
}

BOOST_AUTO_TEST_SUITE_END()
