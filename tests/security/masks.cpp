// P6, P11, P15: CVE-2025-31133, CVE-2026-88265. What a masked path is covered with is made by the
// runtime, and no path is left uncovered because something else was there.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/security/canary.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kMasked = "/proc/keys";

void use_dev_of(Bundle& bundle, const TempDir& volume) {
  for (const char* destination : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
    bundle.remove_mount(destination);
  bundle.add_mount("/dev", "bind", volume.path(), {"bind"});
}

// Runs with `null` in the container's /dev as `make` makes it.
void check_mask(const std::string& what, const std::function<void(const std::string&)>& make) {
  BOOST_TEST_CONTEXT(what) {
    const Canary canary;
    const Runtime runtime;
    Bundle bundle;
    TempDir volume;
    make(volume / "null");
    use_dev_of(bundle, volume);
    bundle.linux()["maskedPaths"] = {kMasked};
    bundle.args(probe_args({{"stat", kMasked}}));
    const Output output = runtime.run(bundle);
    check_untouched(canary);
    if (output.status != 0) return;
    const json seen = json::parse(output.out)[0];
    BOOST_TEST(seen["type"] == "c", seen.dump());
    BOOST_TEST((seen["rdev"] == json{1, 3}), seen.dump());
  }
}

// The null device of this host, which an attack that gets through must not leave spoiled for all.
class HostsNull {
 public:
  HostsNull() { checked(::stat("/dev/null", &before_), "stat"); }
  ~HostsNull() {
    if (unchanged()) return;
    BOOST_CHECK(::chown("/dev/null", before_.st_uid, before_.st_gid) == 0);
    BOOST_CHECK(::chmod("/dev/null", before_.st_mode & 07777) == 0);
  }
  HostsNull(const HostsNull&) = delete;
  HostsNull& operator=(const HostsNull&) = delete;

  bool unchanged() const {
    struct stat now {};
    checked(::stat("/dev/null", &now), "stat");
    return now.st_mode == before_.st_mode && now.st_uid == before_.st_uid &&
           now.st_gid == before_.st_gid;
  }

 private:
  struct stat before_ {};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(masks, *needs::root())

BOOST_AUTO_TEST_CASE(a_mask_is_the_null_device_whatever_the_container_calls_null,
                     *needs::ocelot("runc 1.1.5 has this flaw")) {  // P6
  check_mask("a link", [](const std::string& null) {
    fs::create_symlink("/proc/sys/kernel/core_pattern", null);
  });
  check_mask("a file", [](const std::string& null) { write_file(null, "text"); });
  check_mask("a fifo", [](const std::string& null) { ::mkfifo(null.c_str(), 0666); });
  check_mask("another device",
             [](const std::string& null) { ::mknod(null.c_str(), S_IFCHR | 0666, makedev(1, 5)); });
  check_mask("missing", [](const std::string&) {});
  check_mask("a directory", [](const std::string& null) { fs::create_directory(null); });
}

// The control: what runc 1.1.5 masks with is the container's own, and the check notices.
BOOST_AUTO_TEST_CASE(a_mask_made_of_the_containers_null_is_noticed,
                     *needs::file("/usr/sbin/runc")) {
  Bundle bundle;
  TempDir volume, root;
  fs::create_symlink("/proc/sys/kernel/core_pattern", volume / "null");
  use_dev_of(bundle, volume);
  bundle.linux()["maskedPaths"] = {kMasked};
  bundle.args(probe_args({{"stat", kMasked}})).write();
  const Output output =
      run({"/usr/sbin/runc", "--root", root.path(), "run", "--bundle", bundle.path(), "c"});
  if (output.status == 0) BOOST_TEST(json::parse(output.out)[0]["type"] != "c", output.out);
}

BOOST_AUTO_TEST_CASE(the_hosts_null_cannot_be_changed_through_a_mask) {  // P6
  const Canary canary;
  const HostsNull null;
  for (const bool user_namespace : {false, true}) {
    Runtime runtime;
    Bundle bundle;
    if (user_namespace) bundle.add_user_namespace();
    bundle.capabilities({"CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE"});
    bundle.linux()["maskedPaths"] = {kMasked};
    const json outcome =
        act(runtime, bundle, {{"chmod", kMasked, "0"}, {"chown", kMasked, "7", "7"}});
    if (user_namespace) {
      BOOST_TEST(outcome[0]["ok"] == false);
      BOOST_TEST(outcome[1]["ok"] == false);
    }
  }
  BOOST_TEST(null.unchanged());
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(a_masked_path_that_cannot_be_looked_up_is_refused_or_hidden) {  // P15
  Runtime runtime;
  Bundle bundle;
  TempDir volume;
  fs::create_directory(volume / "closed");
  write_file(volume / "closed/secret", "of the volume\n");
  checked(::chmod((volume / "closed").c_str(), 0700), "chmod");
  checked(::chown((volume / "closed").c_str(), 4242, 4242), "chown");
  bundle.add_user_namespace().add_mount("/vol", "bind", volume.path(), {"bind"});
  bundle.linux()["maskedPaths"] = {"/vol/closed/secret"};
  bundle.args(probe_args({{"read", "/vol/closed/secret"}}));
  const Output output = runtime.run(bundle);
  if (output.status == 0) BOOST_TEST(!contains(output.out, "of the volume"), output.out);
}

BOOST_AUTO_TEST_CASE(output_still_reaches_a_pipe_when_the_images_null_is_a_file) {  // P11
  for (const bool link : {false, true}) {
    const Canary canary;
    const Runtime runtime;
    Bundle bundle;
    for (const char* destination : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
      bundle.remove_mount(destination);
    if (link)
      fs::create_symlink(canary / "null", bundle.rootfs() + "/dev/null");
    else
      bundle.put("/dev/null", "no device\n");
    bundle.shell("echo arrives");
    const Output output = runtime.run(bundle);
    if (output.status == 0) BOOST_TEST(output.out == "arrives\n");
    check_untouched(canary);
  }
}

BOOST_AUTO_TEST_SUITE_END()
