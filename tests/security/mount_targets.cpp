// P1, P2, P3, P9, P10: CVE-2015-3629 to -3631, CVE-2019-16884, CVE-2019-19921, CVE-2023-27561,
// CVE-2023-28642, CVE-2026-41579, CVE-2026-88264. What the image puts where the runtime mounts or
// makes something.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/security/canary.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// The directory `path` of the image becomes a link.
void put_link(const Bundle& bundle, const std::string& path, const std::string& target) {
  fs::remove_all(bundle.rootfs() + path);
  fs::create_symlink(target, bundle.rootfs() + path);
}

// Nothing but what the configuration has left: no mount below /dev, no /dev at all.
void remove_dev(Bundle& bundle) {
  for (const char* destination : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
    bundle.remove_mount(destination);
}

// A mount of any type at the path that is a link in the image.
void lay_on_led(Bundle& bundle, const std::string& type, const Canary& canary) {
  if (type == "bind") {
    bundle.add_mount("/led", type, canary.path(), {"bind"});
  } else {
    bundle.add_mount("/led", type, type);
  }
}

// Runs the bundle, whatever comes of it; the host must be as it was.
void run_safely(const Canary& canary, Bundle& bundle) {
  const Runtime runtime;
  const bool terminal = bundle.process()["terminal"];
  const ConsoleSocket socket;
  std::vector<std::string> flags;
  if (terminal) flags = {"--detach", "--console-socket", socket.path()};
  runtime.run(bundle, "c", flags);
  check_untouched(canary);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mount_targets, *needs::root())

BOOST_AUTO_TEST_CASE(nothing_is_mounted_on_proc_but_a_procfs) {  // P1, P2
  const Canary canary;
  for (const char* destination : {"/proc", "/proc/self/attr", "/proc/sys", "/proc/1", "/proc/fs",
                                  "/proc/net/dev", "/proc/../proc/sys", "/proc/sys/kernel"}) {
    for (const std::string type : {"tmpfs", "bind"}) {
      Runtime runtime;
      Bundle bundle;
      bundle.args({"/bin/true"});
      if (std::string{destination} == "/proc") bundle.remove_mount("/proc");
      if (type == "bind")
        bundle.add_mount(destination, "bind", canary.path(), {"bind"});
      else
        bundle.add_mount(destination, "tmpfs", "tmpfs");
      BOOST_TEST_CONTEXT(type << " on " << destination) check_refused(runtime, bundle);
    }
  }
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(a_part_of_a_procfs_is_none,
                     *needs::ocelot("runc looks at the type of the file system alone")) {  // P1, P2
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).remove_mount("/proc");
  bundle.add_mount("/proc", "bind", "/proc/sys", {"bind"});
  check_refused(runtime, bundle, "/proc");
}

BOOST_AUTO_TEST_CASE(no_copied_link_lands_in_proc,
                     *needs::ocelot("copy-symlink is crun's word")) {  // P1
  const Canary canary;
  TempDir links;
  fs::create_symlink("anywhere", links / "link");
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"});
  fs::create_symlink("proc/self", bundle.rootfs() + "/led");
  bundle.add_mount("/led/link", "bind", links / "link", {"bind", "copy-symlink"});
  check_refused(runtime, bundle, "lies in /proc");
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(no_link_of_the_image_leads_a_mount_over_proc_or_the_root) {  // P1, P2
  const Canary canary;
  for (const std::string type : {"tmpfs", "cgroup", "bind"}) {
    for (const char* target : {"proc", "proc/self", "."}) {
      // What lies upon its root a container does not see; runc lets it be.
      if (Runtime::is_reference() && std::string{target} == ".") continue;
      Runtime runtime;
      Bundle bundle;
      bundle.args({"/bin/true"});
      fs::create_symlink(target, bundle.rootfs() + "/led");
      lay_on_led(bundle, type, canary);
      BOOST_TEST_CONTEXT(type << " on a link to " << target) check_refused(runtime, bundle);
    }
    // Where it leads elsewhere it is a mount like any other.
    Runtime runtime;
    Bundle bundle;
    bundle.put_directory("/elsewhere");
    fs::create_symlink("elsewhere", bundle.rootfs() + "/led");
    lay_on_led(bundle, type, canary);
    BOOST_TEST(!mount_in(report(runtime, bundle), "/elsewhere").is_null(), type);
  }
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(the_files_that_lxcfs_provides_may_be_mounted_on) {  // P1
  Runtime runtime;
  TempDir files;
  write_file(files / "file", "42\n");
  for (const char* name :
       {"cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo"}) {
    if (!fs::exists("/proc/" + std::string{name})) continue;
    Bundle bundle;
    const std::string path = "/proc/" + std::string{name};
    bundle.add_mount(path, "bind", files / "file", {"bind", "ro"});
    const json outcome = act(runtime, bundle, {{"read", path}});
    BOOST_TEST(outcome[0]["text"] == "42\n", path);
  }
}

BOOST_AUTO_TEST_CASE(a_label_is_not_written_into_a_proc_that_is_none) {  // P2
  const Canary canary;
  Bundle bundle;
  bundle.args({"/bin/true"});
  bundle.remove_mount("/proc");
  bundle.add_mount("/proc", "bind", canary.path(), {"bind"});
  for (const char* label : {"apparmorProfile", "selinuxLabel"}) {
    Runtime runtime;
    bundle.process()[label] = "confined";
    check_refused(runtime, bundle);
    bundle.process().erase(label);
  }
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(proc_and_sys_of_the_image_must_be_directories) {  // P3
  const Canary canary;
  for (const char* path : {"/proc", "/sys"}) {
    for (const std::string& target :
         {std::string{"/sneaky"}, std::string{"sneaky"}, std::string{"/chain"}, canary.path(),
          std::string{"/"}, std::string{".."}, std::string{"/absent"}}) {
      Runtime runtime;
      Bundle bundle;
      bundle.args({"/bin/true"}).put_directory("/sneaky");
      fs::create_symlink("/sneaky", bundle.rootfs() + "/chain");
      put_link(bundle, path, target);
      BOOST_TEST_CONTEXT(path << " -> " << target) check_refused(runtime, bundle);
    }
    Runtime runtime;
    Bundle bundle;
    bundle.args({"/bin/true"});
    fs::remove_all(bundle.rootfs() + path);
    bundle.put(path, "a file");
    BOOST_TEST_CONTEXT(path << " is a file") check_refused(runtime, bundle);
  }
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(a_dev_that_is_a_link_makes_nothing_on_the_host) {  // P9
  for (const bool terminal : {false, true}) {
    for (const std::string prefix : {"", "../../../../../../.."}) {
      const Canary canary;
      Bundle bundle;
      bundle.args({"/bin/true"}).process()["terminal"] = terminal;
      remove_dev(bundle);
      put_link(bundle, "/dev", prefix + canary.path());
      bundle.config["root"]["readonly"] = false;
      BOOST_TEST_CONTEXT("terminal " << terminal << " prefix " << prefix)
      run_safely(canary, bundle);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_below_dev_may_be_links_and_makes_nothing_on_the_host) {  // P9
  for (const char* path : {"/dev/pts", "/dev/shm", "/dev/mqueue"}) {
    const Canary canary;
    Bundle bundle;
    bundle.args({"/bin/true"});
    bundle.remove_mount("/dev");
    put_link(bundle, path, canary / "empty");
    BOOST_TEST_CONTEXT(path) run_safely(canary, bundle);
  }
}

BOOST_AUTO_TEST_CASE(a_dev_fd_that_is_a_directory_is_left_alone) {  // P9
  const Canary canary;
  Bundle bundle;
  bundle.args({"/bin/true"});
  remove_dev(bundle);
  bundle.config["root"]["readonly"] = false;
  bundle.put_directory("/dev/fd");
  run_safely(canary, bundle);
  BOOST_TEST(fs::is_directory(bundle.rootfs() + "/dev/fd"));
}

BOOST_AUTO_TEST_CASE(devices_of_the_image_that_are_links_are_not_followed) {  // P9, P11
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "stdin"}) {
    const Canary canary;
    Bundle bundle;
    bundle.args({"/bin/true"});
    remove_dev(bundle);
    bundle.config["root"]["readonly"] = false;
    fs::create_symlink(canary / "new", bundle.rootfs() + "/dev/" + name);
    BOOST_TEST_CONTEXT(name) run_safely(canary, bundle);
    BOOST_TEST(!fs::exists(canary / "new"), name);
  }
}

BOOST_AUTO_TEST_CASE(mount_points_that_are_missing_are_not_made_through_links) {  // P5, P10
  for (const std::string destination : {"/vol/a/b", "/vol", "/vol/file"}) {
    for (const bool is_file : {false, true}) {
      const Canary canary;
      TempDir source;
      write_file(source / "file", "mounted");
      Bundle bundle;
      bundle.args({"/bin/true"});
      bundle.config["root"]["readonly"] = false;
      fs::create_symlink(canary / (destination == "/vol" ? "new" : "empty"),
                         bundle.rootfs() + "/vol");
      bundle.add_mount(destination, "bind", is_file ? source / "file" : source.path(), {"bind"});
      BOOST_TEST_CONTEXT(destination << " file " << is_file) run_safely(canary, bundle);
    }
  }
}

// The control: the same image, looked up without regard to the root, does reach the host.
BOOST_AUTO_TEST_CASE(a_lookup_that_leaves_the_root_is_noticed) {
  const Canary canary;
  Bundle bundle;
  put_link(bundle, "/dev", canary.path());
  write_file(bundle.rootfs() + "/dev/new", "");
  BOOST_TEST(!canary.changes().empty());
}

BOOST_AUTO_TEST_SUITE_END()
