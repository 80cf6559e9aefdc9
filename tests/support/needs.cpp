#include "tests/support/needs.hpp"

#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/command.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test::needs {
namespace {

using boost::test_tools::assertion_result;
using boost::unit_test::test_unit_id;

// Evaluated when the test is about to run, not when the program starts.
Decorator when(std::function<bool()> holds, std::string reason) {
  return Decorator{[holds = std::move(holds), reason = std::move(reason)](test_unit_id) {
    assertion_result result{holds()};
    if (!result) result.message() << reason;
    return result;
  }};
}

bool has_capability(const std::string& name) {
  static const std::map<std::string, int> numbers{
      {"CAP_SYS_RESOURCE", CAP_SYS_RESOURCE}, {"CAP_SYS_ADMIN", CAP_SYS_ADMIN},
      {"CAP_SYS_NICE", CAP_SYS_NICE},         {"CAP_MKNOD", CAP_MKNOD},
      {"CAP_NET_ADMIN", CAP_NET_ADMIN},       {"CAP_SYS_TIME", CAP_SYS_TIME}};
  std::ifstream status{"/proc/self/status"};
  for (std::string key, value; status >> key >> value;)
    if (key == "CapEff:") return (std::stoull(value, nullptr, 16) >> numbers.at(name) & 1) != 0;
  return false;
}

std::string first_line(const std::string& path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

Decorator that(bool holds, const std::string& reason) {
  return when([holds] { return holds; }, reason);
}

Decorator root() {
  return when([] { return ::geteuid() == 0; }, "needs root");
}

Decorator ocelot(const std::string& reason) {
  return when([] { return !Runtime::is_reference(); }, "not for a reference: " + reason);
}

Decorator capability(const std::string& name) {
  return when([name] { return has_capability(name); }, "needs " + name);
}

Decorator no_capability(const std::string& name) {
  return when([name] { return !has_capability(name); }, "needs a caller without " + name);
}

Decorator controller(const std::string& name) {
  return when([name] { return !cgroup_directory(name, "").empty(); },
              "needs cgroup controller " + name);
}

Decorator cgroup_v1() {
  return when([] { return !is_unified(); }, "needs cgroup controllers on v1");
}

Decorator cgroup_v2() {
  return when([] { return is_unified(); }, "needs cgroup v2");
}

Decorator file(const std::string& path) {
  return when([path] { return std::filesystem::exists(path); }, "needs " + path);
}

Decorator absent(const std::string& path) {
  return when([path] { return !std::filesystem::exists(path); }, "needs a machine without " + path);
}

Decorator filesystem(const std::string& type) {
  return when(
      [type] {
        std::ifstream in{"/proc/filesystems"};
        for (std::string word; in >> word;)
          if (word == type) return true;
        return false;
      },
      "needs file system " + type);
}

Decorator apparmor() {
  return when([] { return first_line("/sys/module/apparmor/parameters/enabled") == "Y"; },
              "needs AppArmor");
}

Decorator selinux() {
  return when([] { return std::filesystem::exists("/sys/fs/selinux/enforce"); }, "needs SELinux");
}

Decorator system_call(long number, const std::string& name) {
  return when(
      [number] { return ::syscall(number, -1, -1, -1, -1, -1, -1) != -1 || errno != ENOSYS; },
      "needs system call " + name);
}

Decorator cpus(unsigned count) {
  return when(
      [count] {
        cpu_set_t set;
        return ::sched_getaffinity(0, sizeof set, &set) == 0 &&
               static_cast<unsigned>(CPU_COUNT(&set)) >= count;
      },
      "needs " + std::to_string(count) + " CPUs");
}

Decorator network_device(const std::string& kind) {
  return when(
      [kind] {
        return run({"unshare", "--net", "ip", "link", "add", "probe0", "type", kind}).status == 0;
      },
      "needs network devices of type " + kind);
}

}  // namespace ocelot::test::needs
