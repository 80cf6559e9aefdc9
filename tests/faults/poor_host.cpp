// A host that gives less than a container needs: system calls that an outer filter denies, memory,
// a root that takes no writes; and mounts that others would see (F6, F14, F34, F35, F38).
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A run either worked or failed with one of `words`, and left nothing.
void check_works_or_says(const Runtime& runtime, const Output& output, const Leftovers& before,
                         const std::vector<std::string>& words) {
  if (output.status != 0) {
    BOOST_TEST(output.status == 1, "status " << output.status << " " << output.err);
    BOOST_TEST(std::ranges::any_of(
                   words, [&](const std::string& word) { return contains(output.err, word); }),
               output.err);
  }
  const std::vector<std::string> left = before.since();
  BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
  if (!left.empty()) runtime.del("c", {"--force"});
}

// A mount that hands on what is mounted below it.
class SharedMount {
 public:
  SharedMount() {
    checked(::mount("shared", point_.path().c_str(), "tmpfs", 0, nullptr), "mount");
    checked(::mount(nullptr, point_.path().c_str(), nullptr, MS_SHARED, nullptr), "shared");
  }
  SharedMount(const SharedMount&) = delete;
  SharedMount& operator=(const SharedMount&) = delete;
  ~SharedMount() { ::umount2(point_.path().c_str(), MNT_DETACH); }

  const std::string& path() const { return point_.path(); }

 private:
  TempDir point_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(poor_host, *needs::root())

// As of a filter that somebody laid around the runtime: the call is never there.
BOOST_AUTO_TEST_CASE(calls_that_are_denied_are_a_clear_error,
                     *needs::ocelot("which calls are made is each runtime's own")) {  // F38
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  for (const char* call :
       {"openat2", "clone3", "close_range", "keyctl", "open_tree", "fsopen", "fsconfig", "fsmount",
        "move_mount", "mount_setattr", "pidfd_open", "fstatfs", "waitid", "umount2", "unshare",
        "capset", "execveat", "pivot_root"}) {
    for (const auto& [error, words] :
         {std::pair<const char*, const char*>{"EPERM", "Operation not permitted"},
          std::pair<const char*, const char*>{"ENOSYS", "Function not implemented"}}) {
      BOOST_TEST_CONTEXT(call << " always fails with " << error) {
        const TempDir files;
        const Leftovers before{{runtime.root()}};
        std::vector<std::string> command{"strace",
                                         "-f",
                                         "-qq",
                                         "-o",
                                         files / "log",
                                         "-e",
                                         std::string{"trace="} + call,
                                         "-e",
                                         std::string{"inject="} + call + ":error=" + error};
        for (const std::string& word : runtime.command({"run", "--bundle", bundle.path(), "c"}))
          command.push_back(word);
        const Output output = run(command);
        check_works_or_says(runtime, output, before, {words});
        BOOST_TEST(contains(read_file(files / "log"), "INJECTED"), "the call was not made");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_limit_on_memory_that_no_init_fits_in_is_named,
                     *needs::controller("memory") *
                         needs::ocelot("runc 1.1 names the file that the kernel refused")) {  // F6
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"});
  const auto run_with = [&](int64_t limit) {
    bundle.linux()["resources"]["memory"]["limit"] = limit;
    const Leftovers before{{runtime.root()}};
    const Output output = runtime.run(bundle);
    check_works_or_says(runtime, output, before, {"memory limit too low", "OOM-killed"});
    return output.status;
  };
  BOOST_TEST(run_with(4096) == 1);
  BOOST_TEST(run_with(65536) == 1);
  BOOST_TEST(run_with(64 << 20) == 0);  // the cgroup and the id are free again
}

// Whatever the runtime may allocate, it works or says that there was not enough.
BOOST_AUTO_TEST_CASE(too_little_address_space_is_a_clear_error, *needs::ocelot()) {  // F14
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"});
  // Something to allocate for.
  for (int i = 0; i < 20'000; ++i) bundle.env("NAME" + std::to_string(i) + "=value");
  bundle.write();
  int failed = 0;
  int succeeded = 0;
  for (rlim_t mebibytes = 8; mebibytes <= 128; mebibytes += mebibytes < 32 ? 1 : 32) {
    BOOST_TEST_CONTEXT(mebibytes << " MiB") {
      const Leftovers before{{runtime.root()}};
      RunOptions options;
      options.in_child = [mebibytes] {
        const rlimit limit{mebibytes << 20, mebibytes << 20};
        checked(::setrlimit(RLIMIT_AS, &limit), "setrlimit");
      };
      const Output output = runtime.call({"run", "--bundle", bundle.path(), "c"}, options);
      if (output.status == 128 + SIGKILL || output.status == 128 + SIGSEGV)
        continue;  // the kernel could not even execute it
      (output.status == 0 ? succeeded : failed)++;
      check_works_or_says(runtime, output, before, {"annot allocate memory"});
    }
  }
  BOOST_TEST(failed > 0);
  BOOST_TEST(succeeded > 0);
}

BOOST_AUTO_TEST_CASE(no_mount_of_the_container_reaches_a_shared_mount_of_the_host) {  // F34
  Runtime runtime;
  Bundle bundle;
  const SharedMount shared;
  std::filesystem::create_directory(shared.path() + "/source");
  // The root itself is below a mount that hands on.
  const std::string root = shared.path() + "/rootfs";
  std::filesystem::copy(
      bundle.rootfs(), root,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  bundle.config["root"]["path"] = root;
  bundle.add_mount("/mnt", "bind", shared.path() + "/source", {"rbind", "rprivate"});
  bundle.add_mount("/mnt/below", "tmpfs", "tmpfs", {"size=64k"});
  const Leftovers before{{runtime.root()}};
  Container container = runtime.must_create(bundle.args(probe_args({{"hold"}})));
  container.start();
  for (const std::string& item : before.since()) BOOST_TEST(!item.starts_with("mount "), item);
  BOOST_TEST(container.del({"--force"}).status == 0);
  BOOST_TEST(before.since().empty());
}

// The control: a mount made there by somebody of the host is noticed.
BOOST_AUTO_TEST_CASE(a_mount_that_is_handed_on_is_noticed) {  // F34
  const SharedMount shared;
  std::filesystem::create_directory(shared.path() + "/source");
  const Leftovers before;
  checked(::mount("seen", (shared.path() + "/source").c_str(), "tmpfs", 0, nullptr), "mount");
  BOOST_TEST(!before.since().empty());
  checked(::umount2((shared.path() + "/source").c_str(), MNT_DETACH), "umount");
}

BOOST_AUTO_TEST_CASE(a_root_that_takes_no_writes_is_a_clear_error_or_none) {  // F35
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"});
  const std::string root = bundle.rootfs();
  checked(::mount(root.c_str(), root.c_str(), nullptr, MS_BIND, nullptr), "bind");
  checked(::mount(nullptr, root.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr),
          "read-only");
  {
    const Leftovers before{{runtime.root()}};
    const Output output = runtime.run(bundle);
    BOOST_TEST(output.status == 0, output.err);  // every mount point is there
    bundle.add_mount("/missing", "tmpfs", "tmpfs", {"size=64k"});
    const Output missing = runtime.run(bundle);
    BOOST_TEST(missing.status == 1);
    BOOST_TEST(contains(missing.err, "/missing"), missing.err);
    BOOST_TEST(contains(missing.err, "ead-only file system"), missing.err);
    BOOST_TEST(before.since().empty());
  }
  checked(::umount2(root.c_str(), MNT_DETACH), "umount");
}

BOOST_AUTO_TEST_SUITE_END()
