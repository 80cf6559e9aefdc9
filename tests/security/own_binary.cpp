// S1, CVE-2019-5736: nobody in a container gets a handle on the runtime's binary with which to
// overwrite it.
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

// What an attacker keeps of a process: a handle on its program.
UniqueFd take_handle(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/exe";
  return UniqueFd{checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path)};
}

// Opens it for writing, once nobody executes it any more; true if that succeeded.
bool can_be_written(int handle) {
  // A mount that is still attached somewhere could be made writable again.
  mount_attr writable{};
  writable.attr_clr = MOUNT_ATTR_RDONLY;
  ::syscall(SYS_mount_setattr, handle, "", AT_EMPTY_PATH, &writable, sizeof writable);
  const std::string path = "/proc/self/fd/" + std::to_string(handle);
  return UniqueFd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)}.get() != -1;
}

// The program of every process of a container as the container itself sees it, opened for writing.
constexpr const char* kHunt =
    "for i in 1 2 3 4 5 6 7 8 9 10; do"
    "  for exe in /proc/[0-9]*/exe; do"
    "    case \"$(readlink $exe)\" in *busybox|'') continue;; esac;"
    "    exec 7<$exe || continue;"
    "    while kill -0 $(echo $exe | tr -dc 0-9) 2>/dev/null; do usleep 1000; done;"
    "    if (exec 8<>/proc/self/fd/7) 2>/dev/null; then echo overwritten; fi; echo found;"
    "  done;"
    "  usleep 20000; "
    "done";

}  // namespace

BOOST_AUTO_TEST_SUITE(own_binary, *needs::root())

BOOST_AUTO_TEST_CASE(the_program_of_a_created_init_cannot_be_overwritten) {
  Runtime runtime;
  Bundle bundle;
  const std::string before = read_file(Runtime::path());
  UniqueFd handle;
  {
    Container container = runtime.must_create(bundle.args({"/bin/true"}));
    handle = take_handle(container.pid());
    container.kill("KILL");
    container.wait();
  }
  BOOST_TEST(!can_be_written(handle.get()));
  BOOST_TEST((read_file(Runtime::path()) == before));
}

// Whose administrator may make it writable again while the handle is kept.
BOOST_AUTO_TEST_CASE(neither_can_that_of_a_runtime_on_a_readonly_mount) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  TempDir files;
  const std::string program = files / fs::path{Runtime::path()}.filename().string();
  fs::copy_file(Runtime::path(), program);
  const char* const point = files.path().c_str();
  checked(::mount(point, point, "", MS_BIND, nullptr), "bind");
  checked(::mount("", point, "", MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), "remount");
  UniqueFd handle;
  {
    RunOptions options;
    options.keep_input_open = true;
    Container container{
        runtime, "c",
        Command{{program, "--root", runtime.root(), "create", "--bundle", bundle.path(), "c"},
                options}};
    BOOST_TEST(container.created.status == 0, container.created.err);
    handle = take_handle(container.pid());
    container.kill("KILL");
    container.wait();
  }
  checked(::mount("", point, "", MS_REMOUNT | MS_BIND, nullptr), "remount");
  BOOST_TEST(!can_be_written(handle.get()));
  checked(::umount2(point, MNT_DETACH), "umount");
}

// The control: of a program that runs without protection, the same handle can be written.
BOOST_AUTO_TEST_CASE(an_unprotected_program_can_be_overwritten) {
  TempDir files;
  fs::copy_file("/bin/sleep", files / "program");
  UniqueFd handle;
  {
    Command command{{files / "program", "1000"}};
    handle = take_handle(command.pid());
    command.send(SIGKILL);
    command.wait();
  }
  BOOST_TEST(can_be_written(handle.get()));
}

BOOST_AUTO_TEST_CASE(a_container_whose_program_is_the_runtime_itself_gets_a_protected_one) {
  const std::string before = read_file(Runtime::path());
  Runtime runtime;
  Bundle bundle;
  bundle.put("/bin/evil", "#!/proc/self/exe\n", 0755);
  for (const char* program : {"/proc/self/exe", "/bin/evil"}) {
    bundle.args({program, "--version"});
    Output output = runtime.run(bundle);  // with an error or the version, but it ends
    BOOST_TEST(output.status < 128, output.err);
  }
  BOOST_TEST((read_file(Runtime::path()) == before));
}

BOOST_AUTO_TEST_CASE(a_neighbour_in_the_pid_namespace_cannot_overwrite_it,
                     *needs::ocelot("runc's copy may well be opened: it is a sealed memfd")) {
  const std::string before = read_file(Runtime::path());
  Runtime runtime;
  Bundle attacker_bundle;
  const std::vector<std::string> all{"CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE",
                                     "CAP_KILL"};
  attacker_bundle.capabilities(all).shell(kHunt);
  Container attacker = runtime.must_create(attacker_bundle, "attacker");
  std::vector<Bundle> bundles(6);
  std::vector<Container> victims;
  for (size_t i = 0; i < bundles.size(); ++i) {
    bundles[i].add_namespace("pid", "/proc/" + std::to_string(attacker.pid()) + "/ns/pid");
    victims.push_back(
        runtime.must_create(bundles[i].args({"/bin/true"}), "victim" + std::to_string(i)));
  }
  attacker.start();
  for (Container& victim : victims) {
    victim.start();
    victim.wait();
  }
  const std::string output = attacker.read_to_end();
  attacker.wait();
  BOOST_TEST(!contains(output, "overwritten"), output);
  BOOST_TEST((read_file(Runtime::path()) == before));
}

BOOST_AUTO_TEST_SUITE_END()
