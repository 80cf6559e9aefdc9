// H2, H7, H9: CVE-2021-41103, CVE-2024-25621, CVE-2021-21334, CVE-2022-21658. Who can look into the
// state directory, what a deletion reaches, and what one container learns of another.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/security/canary.hpp"
#include "tests/security/flipper.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat facts {};
  checked(::lstat(path.c_str(), &facts), "lstat " + path);
  return facts.st_mode & 07777;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(state_directory, *needs::root() * needs::ocelot("runc's are 0711"))

BOOST_AUTO_TEST_CASE(it_is_private_whatever_the_umask_is) {  // H2
  for (const mode_t mask : {0U, 002U, 022U, 077U, 0777U}) {
    TempDir parent;
    Bundle bundle;
    bundle.args({"/bin/true"}).write();
    const std::string root = parent / "root";
    RunOptions options;
    options.in_child = [mask] { ::umask(mask); };
    const Output created =
        run({Runtime::path(), "--root", root, "create", "--bundle", bundle.path(), "c"}, options);
    BOOST_TEST_CONTEXT("umask " << mask << " " << created.err) {
      BOOST_TEST(created.status == 0);
      if (created.status == 0) {
        BOOST_TEST(mode_of(root) == 0700U);
        BOOST_TEST(mode_of(root + "/c") == 0700U);
        for (const std::string& file : files_below(root + "/c"))
          BOOST_TEST((mode_of(file) & 077) == 0U, file);
      }
      run({Runtime::path(), "--root", root, "delete", "--force", "c"});
    }
  }
}

BOOST_AUTO_TEST_CASE(another_user_cannot_look_into_it) {  // H2
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"/bin/true"}));
  checked(::chmod(runtime.root().c_str(), 0755), "chmod");  // the containers' own are what counts
  RunOptions stranger;
  stranger.in_child = [] { checked(::setresuid(4242, 4242, 4242), "setresuid"); };
  for (const std::string& path : {runtime.root() + "/c", runtime.root() + "/c/state.json"})
    BOOST_TEST(run({"/bin/cat", path}, stranger).status != 0);
  BOOST_TEST(run({"/bin/ls", runtime.root() + "/c"}, stranger).status != 0);
  // The control: into one of another mode the same stranger does look.
  checked(::chmod((runtime.root() + "/c").c_str(), 0755), "chmod");
  BOOST_TEST(contains(run({"/bin/ls", runtime.root() + "/c"}, stranger).out, "state.json"));
}

BOOST_AUTO_TEST_CASE(one_that_others_can_write_to_is_refused) {  // H2
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  for (const mode_t mode : {0777U, 0770U, 0720U, 0702U}) {
    TempDir root;
    checked(::chmod(root.path().c_str(), mode), "chmod");
    check_error(
        run({Runtime::path(), "--root", root.path(), "create", "--bundle", bundle.path(), "c"}),
        root.path());
    BOOST_TEST(files_below(root.path()).empty());
  }
  TempDir root;
  checked(::chown(root.path().c_str(), 4242, 4242), "chown");
  check_error(
      run({Runtime::path(), "--root", root.path(), "create", "--bundle", bundle.path(), "c"}),
      root.path());
}

BOOST_AUTO_TEST_CASE(one_that_others_can_rename_is_refused) {  // H2
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  const auto create = [&](const std::string& root) {
    const Output output =
        run({Runtime::path(), "--root", root, "create", "--bundle", bundle.path(), "c"});
    run({Runtime::path(), "--root", root, "delete", "--force", "c"});
    return output;
  };
  TempDir above;
  const std::string root = above / "inner/root";
  fs::create_directories(root);
  const Output good = create(root);
  BOOST_TEST(good.status == 0, good.err);
  for (const mode_t mode : {0777U, 0770U, 0720U, 0702U}) {
    checked(::chmod(above.path().c_str(), mode), "chmod");
    check_error(create(root), above.path());
    BOOST_TEST(files_below(root).empty());
  }
  checked(::chmod(above.path().c_str(), 01777), "chmod");
  BOOST_TEST(create(root).status == 0);
  checked(::chown(above.path().c_str(), 4242, 4242), "chown");
  check_error(create(root), above.path());
}

BOOST_AUTO_TEST_CASE(an_id_is_no_path) {  // H2
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  const Canary canary;
  for (const std::string id : {"..", ".", "a/b", "../c", "/abs", "a\nb", "", " ", "a b", "%2e"}) {
    for (const char* verb : {"state", "start", "delete"})
      BOOST_TEST(runtime.call({verb, "--", id}).status == 1, verb << " '" << id << "'");
    BOOST_TEST(runtime.call({"create", "--bundle", bundle.path(), "--", id}).status == 1, id);
  }
  BOOST_TEST(runtime.ids().empty());
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(deletion_follows_no_link) {  // H9
  const Canary canary;
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"/bin/true"}));
  fs::create_directory_symlink(canary.path(), runtime.root() + "/c/link");
  fs::create_symlink(canary / "secret", runtime.root() + "/c/file");
  const Output removed = container.del({"--force"});
  BOOST_TEST(removed.status == 0, removed.err);
  check_untouched(canary);
}

BOOST_AUTO_TEST_CASE(deletion_follows_no_link_that_appears_meanwhile) {  // H9
  for (int round = 0; round < 10; ++round) {
    const Canary canary;
    Runtime runtime;
    Bundle bundle;
    Container container = runtime.must_create(bundle.args({"/bin/true"}));
    const std::string inner = runtime.root() + "/c/inner";
    fs::create_directories(inner);
    write_file(inner + "/file", "");
    write_file(inner + "/secret", "");
    {
      const Flipper flipper{inner, put_link_beside(inner, canary.path())};
      runtime.del("c", {"--force"});
    }
    check_untouched(canary);
    const Output removed = runtime.del("c", {"--force"});
    BOOST_TEST(removed.status == 0, removed.err);
  }
}

// The control: a recursive deletion that looks up paths again does follow.
BOOST_AUTO_TEST_CASE(a_deletion_by_path_through_a_link_is_noticed) {
  const Canary canary;
  TempDir directory;
  fs::create_directory_symlink(canary.path(), directory / "link");
  fs::remove(directory / "link/secret");
  BOOST_TEST(!canary.changes().empty());
}

BOOST_AUTO_TEST_CASE(the_environment_of_the_caller_stays_with_the_caller) {  // H7
  const Runtime runtime;
  Bundle bundle;
  bundle.write();
  RunOptions options;
  options.env = {"MARK=of the caller"};
  bundle.shell("env").write();
  const Output output = runtime.run(bundle.path(), "c", {}, options);
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(!contains(output.out, "MARK="), output.out);
  // The controls: any other program of the caller has it, and a container has what it is given.
  BOOST_TEST(contains(run({"env"}, options).out, "MARK=of the caller"));
  bundle.env("MARK=its own").write();
  BOOST_TEST(contains(runtime.run(bundle.path(), "c", {}, options).out, "MARK=its own"));
}

BOOST_AUTO_TEST_CASE(containers_made_at_once_have_their_own_environment) {  // H7
  Runtime runtime;
  std::vector<Bundle> bundles(24);
  std::vector<Command> commands;
  for (size_t i = 0; i < bundles.size(); ++i) {
    bundles[i].env("MARK=" + std::to_string(i)).shell("echo $MARK");
    bundles[i].write();
    commands.emplace_back(
        runtime.command({"run", "--bundle", bundles[i].path(), "c" + std::to_string(i)}));
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    const Output output = commands[i].wait();
    BOOST_TEST(output.out == std::to_string(i) + "\n", output.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
