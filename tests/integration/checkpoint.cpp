// What checkpoint and restore refuse, and what is there afterwards. Whether criu knows this kernel
// does not matter: where it does, tests/vm has the rest.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

struct Images {
  TempDir directory;
  std::string path = directory / "images";
  Images() { fs::create_directory(path); }
};

// Of images that are not to be given to criu: the reason, once it is clear that nothing was made.
std::string refusal(const Images& images) {
  Runtime runtime;
  Bundle bundle;
  bundle.write();
  const Output output = runtime.call(
      {"restore", "--detach", "--bundle", bundle.path(), "--image-path", images.path, "c"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(runtime.ids().empty());
  BOOST_TEST(our_cgroups().empty());
  BOOST_TEST(!fs::exists(images.path + "/restore.log"));
  return output.err;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoint, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(help_lists_the_options) {
  const Runtime runtime;
  const Output dump = runtime.call({"checkpoint", "--help"});
  BOOST_TEST(dump.status == 0);
  for (const char* option :
       {"--image-path", "--work-path", "--parent-path", "--leave-running", "--pre-dump",
        "--tcp-established", "--file-locks", "--manage-cgroups-mode", "--lazy-pages"})
    BOOST_TEST(contains(dump.out, option), option);
  const Output restore = runtime.call({"restore", "--help"});
  BOOST_TEST(restore.status == 0);
  for (const char* option : {"--console-socket", "--tcp-close", "--lsm-profile", "--no-subreaper"})
    BOOST_TEST(contains(restore.out, option), option);
}

BOOST_AUTO_TEST_CASE(a_container_with_a_shim_is_not_dumped_and_goes_on) {
  const Runtime runtime;
  Bundle bundle;
  const Images images;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  for (const char* flag : {"--pre-dump", "--leave-running"}) {
    const Output output = runtime.call({"checkpoint", "--image-path", images.path, flag, "c"});
    BOOST_TEST(output.status == 1);
    BOOST_TEST(contains(output.err, "container c has a shim, and cannot be checkpointed"),
               output.err);
    BOOST_TEST(contains(output.err, "create it without --shim"), output.err);
  }
  BOOST_TEST(runtime.status("c") == "running");
  BOOST_TEST(fs::is_empty(images.path));
  container.remove();
}

BOOST_AUTO_TEST_CASE(a_container_that_does_not_run_is_not_dumped) {
  Runtime runtime;
  Bundle bundle;
  const Images images;
  Container container = runtime.must_create(bundle.args({"true"}));
  const Output created = runtime.call({"checkpoint", "--image-path", images.path, "c"});
  BOOST_TEST(created.status == 1);
  BOOST_TEST(contains(created.err, "Container cannot be checkpointed in created state"),
             created.err);
  BOOST_TEST(container.start().status == 0);
  container.wait();
  const Output stopped = runtime.call({"checkpoint", "--image-path", images.path, "c"});
  BOOST_TEST(stopped.status == 1);
  BOOST_TEST(contains(stopped.err, "Container cannot be checkpointed in stopped state"),
             stopped.err);
  BOOST_TEST(fs::is_empty(images.path));
}

BOOST_AUTO_TEST_CASE(where_criu_fails_the_container_goes_on_and_the_error_says_why) {
  Runtime runtime;
  Bundle bundle;
  const Images images;
  TempDir host;
  // No criu can dump that: a file that is not the container's.
  const UniqueFd file{
      checked(::open((host / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open")};
  Container container =
      runtime.must_create(bundle.shell("while read -r line; do echo \"$line\" >&2; done"), "c", {},
                          {.fds = {{file.get(), 1}}});
  BOOST_REQUIRE_EQUAL(container.start().status, 0);
  const Output output = runtime.call({"checkpoint", "--image-path", images.path, "c"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "container c: criu failed: type DUMP errno "), output.err);
  BOOST_TEST(contains(output.err, ": Error (criu/"), output.err);
  BOOST_TEST(contains(output.err, "criu's log is " + images.path + "/dump.log"), output.err);
  BOOST_TEST(runtime.status("c") == "running");
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  container.wait();
}

BOOST_AUTO_TEST_CASE(without_criu_it_says_so) {
  Runtime runtime;
  Bundle bundle;
  const Images images;
  TempDir nothing;
  Running running{runtime, bundle};
  const RunOptions without{.env = {"PATH=" + nothing.path()}};
  const Output output = runtime.call({"checkpoint", "--image-path", images.path, "c"}, without);
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "criu: executable file not found in $PATH"), output.err);
  BOOST_TEST(runtime.status("c") == "running");
  const std::string annotation = "\"org.opencontainers.runc.checkpoint.enabled\": ";
  BOOST_TEST(contains(runtime.call({"features"}, without).out, annotation + "\"false\""));
  BOOST_TEST(contains(runtime.call({"features"}).out, annotation + "\"true\""));
}

BOOST_AUTO_TEST_CASE(images_are_regular_files) {
  const Images images;
  const std::string entry = images.path + "/pages-1.img";
  const auto is_refused = [&] {
    const std::string error = refusal(images);
    BOOST_TEST(contains(error, "images " + images.path + ": pages-1.img is no regular file"),
               error);
    fs::remove(entry);
  };
  fs::create_symlink("/etc/passwd", entry);
  is_refused();
  BOOST_REQUIRE(::mkfifo(entry.c_str(), 0600) == 0);
  is_refused();
  BOOST_REQUIRE(::mknod(entry.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0);
  is_refused();
  fs::create_directory(entry);
  is_refused();
}

BOOST_AUTO_TEST_CASE(so_are_those_of_a_parent) {
  const Images images;
  fs::create_symlink("/etc", images.path + "/parent");
  BOOST_TEST(contains(refusal(images), "images " + images.path + "/parent: "));
  fs::remove(images.path + "/parent");
  fs::create_symlink(".", images.path + "/parent");
  BOOST_TEST(contains(refusal(images), "generations"));
}

BOOST_AUTO_TEST_CASE(a_dump_follows_no_link_that_lies_in_wait) {
  Runtime runtime;
  Bundle bundle;
  const Images images;
  TempDir host;
  write_file(host / "file", "mine");
  Running running{runtime, bundle};
  for (const char* name : {"dump.log", "inventory.img", "descriptors.json"}) {
    fs::create_symlink(host / "file", images.path + "/" + name);
    const Output output = runtime.call({"checkpoint", "--image-path", images.path, "c"});
    BOOST_TEST(output.status == 1);
    BOOST_TEST(contains(output.err, "is no regular file"), output.err);
    BOOST_TEST(read_file(host / "file") == "mine");
    fs::remove(images.path + "/" + name);
  }
}

BOOST_AUTO_TEST_CASE(damaged_descriptors_are_refused) {
  const Images images;
  for (const char* text : {"", "[1, 2, 3]", "{\"0\": \"pipe:[1]\"}", "[\"pipe:[1]\"]"}) {
    write_file(images.path + "/descriptors.json", text);
    Runtime runtime;
    Bundle bundle;
    bundle.write();
    const Output output = runtime.call(
        {"restore", "--detach", "--bundle", bundle.path(), "--image-path", images.path, "c"});
    BOOST_TEST(output.status == 1);
    BOOST_TEST(contains(output.err, "descriptors.json: damaged"), output.err);
    BOOST_TEST(runtime.ids().empty());
    BOOST_TEST(our_cgroups().empty());
  }
}

BOOST_AUTO_TEST_CASE(what_criu_cannot_keep_is_refused_by_name) {
  Runtime runtime;
  Bundle bundle;
  const Images images;
  bundle.linux()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"listenerPath", "/run/agent.sock"},
      {"syscalls", {{{"names", {"mkdir"}}, {"action", "SCMP_ACT_NOTIFY"}}}}};
  bundle.write();
  const Output output = runtime.call(
      {"restore", "--detach", "--bundle", bundle.path(), "--image-path", images.path, "c"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "linux.seccomp.listenerPath cannot be checkpointed or restored"),
             output.err);
}

BOOST_AUTO_TEST_SUITE_END()
