// P8: CVE-2025-52881. What the runtime writes to /proc reaches the kernel, and not what somebody
// has laid over /proc.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

// Runs in a mount namespace where `fake` lies over /proc/sys.
RunOptions with_fake_sys(const std::string& fake) {
  RunOptions options;
  options.in_child = [fake] {
    checked(::unshare(CLONE_NEWNS), "unshare");
    checked(::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make private");
    checked(::mount(fake.c_str(), "/proc/sys", nullptr, MS_BIND, nullptr), "bind");
  };
  return options;
}

// Lookups below the /proc that lies in the way, rather than below a root or a procfs that is held.
std::vector<std::string> lookups_of_proc(const std::string& log, const std::string& pid) {
  std::vector<std::string> found;
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(pid + " ") && contains(line, "AT_FDCWD, \"/proc")) found.push_back(line);
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(procfs, *needs::root())

BOOST_AUTO_TEST_CASE(sysctls_reach_the_kernel_and_not_what_lies_over_proc,
                     *needs::ocelot("runc 1.1.5 has this flaw")) {
  const Runtime runtime;
  Bundle bundle;
  TempDir fake;
  fs::create_directories(fake / "net/ipv4");
  fs::create_directories(fake / "kernel/random");
  fs::copy_file("/proc/sys/kernel/random/boot_id", fake / "kernel/random/boot_id");
  for (const char* name : {"kernel/cap_last_cap", "kernel/overflowuid", "kernel/overflowgid"})
    fs::copy_file("/proc/sys/" + std::string{name}, fake / name);
  write_file(fake / "net/ipv4/ip_forward", "");
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "1"}};
  bundle.shell("cat /proc/sys/net/ipv4/ip_forward").write();
  const Output output = runtime.run(bundle.path(), "c", {}, with_fake_sys(fake.path()));
  BOOST_TEST(output.out == "1\n", output.err);
  BOOST_TEST(read_file(fake / "net/ipv4/ip_forward").empty());
}

// The control: the fake is what a write by path reaches.
BOOST_AUTO_TEST_CASE(a_write_by_path_reaches_what_lies_over_proc) {
  TempDir fake;
  write_file(fake / "setting", "");
  run({"/bin/sh", "-c", "echo 1 > /proc/sys/setting"}, with_fake_sys(fake.path()));
  BOOST_TEST(read_file(fake / "setting") == "1\n");
}

BOOST_AUTO_TEST_CASE(init_looks_nothing_up_below_proc_by_path,
                     *needs::ocelot("a structural check")) {
  const Runtime runtime;
  Bundle bundle;
  TempDir files;
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "1"}};
  bundle.linux()["maskedPaths"] = {"/proc/keys"};
  bundle.linux()["readonlyPaths"] = {"/proc/sys"};
  bundle.args({"/bin/true"}).write();
  std::vector<std::string> trace{
      "strace", "-f", "-qq", "-o", files / "log", "-e", "trace=%file,pivot_root"};
  for (const std::string& word : runtime.command({"run", "--bundle", bundle.path(), "c"}))
    trace.push_back(word);
  const Output output = run(trace);
  BOOST_TEST(output.status == 0, output.err);
  const std::string log = read_file(files / "log");
  const size_t pivot = log.find("pivot_root(");
  BOOST_TEST_REQUIRE(pivot != std::string::npos);
  const size_t line = log.rfind('\n', pivot) + 1;
  const std::string pid = log.substr(line, log.find(' ', line) - line);
  const std::vector<std::string> found = lookups_of_proc(log, pid);
  BOOST_TEST(found.empty(), (found.empty() ? "" : found.front()));
}

BOOST_AUTO_TEST_SUITE_END()
