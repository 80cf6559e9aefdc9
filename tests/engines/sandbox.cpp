#include "tests/engines/sandbox.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {

namespace fs = std::filesystem;

bool under_systemd() {
  return std::getenv("OCELOT_TEST_SYSTEMD") != nullptr;
}

Sandbox::Sandbox() : directory_{"/run/engine-tests"} {
  if (::geteuid() != 0) throw std::runtime_error("engines need root here");
  if (under_systemd())  // the bus is for runc: ocelot does without
    test::run({"systemctl", "start", "dbus.socket"});
  else
    hide("/run", "mode=755");
  for (const char* path :
       {"/var/lib/containers", "/var/lib/containerd", "/var/lib/docker", "/opt/containerd"})
    hide(path, "mode=755");
  hide("/dev/shm", "mode=1777");
  checked(::mkdir(directory_.c_str(), 0755), "mkdir " + directory_);
}

Sandbox::~Sandbox() {
  for (const std::string& path : hidden_) {
    if (::umount(path.c_str()) == 0) continue;
    Runtime::complaints().push_back(path + " is still in use: " + std::strerror(errno));
    ::umount2(path.c_str(), MNT_DETACH);
  }
  for (const std::string& path : made_) ::rmdir(path.c_str());
}

void Sandbox::hide(const std::string& path, const char* mode) {
  if (!fs::exists(path)) {
    checked(::mkdir(path.c_str(), 0755), "mkdir " + path);
    made_.push_back(path);
  }
  checked(::mount("tmpfs", path.c_str(), "tmpfs", 0, mode), "mount tmpfs on " + path);
  hidden_.push_back(path);
}

RunOptions Sandbox::options(std::vector<std::string> environment) const {
  RunOptions options;
  options.clean_env = true;
  options.env = std::move(environment);
  for (const char* fixed : {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                            "HOME=/run/engine-tests", "TMPDIR=/run/engine-tests", "TERM=xterm"})
    options.env.emplace_back(fixed);
  options.cwd = directory_;
  return options;
}

void configure(const std::string& file, const std::string& target, std::string runtime) {
  static const std::string installed = "/usr/bin/ocelot";
  std::string text = read_file(OCELOT_SOURCE_DIR "/contrib/engines/" + file);
  size_t at = text.find(installed);
  if (at == std::string::npos) throw std::runtime_error(file + " does not name " + installed);
  if (runtime.empty()) runtime = fs::absolute(Runtime::path());
  text.replace(at, installed.size(), runtime);
  write_file(target, text);
}

void wait_for_helpers(pid_t daemon) {
  for (const std::string& process : living_descendants()) {
    const pid_t pid = std::stoi(process);
    if (pid == daemon) continue;
    try {
      wait_for_end(open_pidfd(pid).get(), std::chrono::seconds{20});
    } catch (const std::exception&) {  // gone, or here to stay
    }
  }
}

bool is_cache(const std::string& item) {
  return item.starts_with("file ") && item.find("/.seccomp") != std::string::npos;
}

std::vector<std::string> cgroups_below(const std::string& path) {
  std::set<std::string> names;
  for (const Hierarchy& hierarchy : hierarchies()) {
    std::error_code absent;
    for (fs::directory_iterator it{hierarchy.mount_point + path, absent}, end; it != end; ++it)
      if (it->is_directory()) names.insert(it->path().filename());
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> remove_cgroups(const std::string& path) {
  std::vector<std::string> stayed;
  for (const std::string& directory : all_cgroups()) {
    std::string tail = directory + "/";
    if (tail.find(path + "/") != std::string::npos) stayed.push_back(directory);
  }
  std::sort(stayed.rbegin(), stayed.rend());  // children first
  std::erase_if(stayed,
                [](const std::string& directory) { return ::rmdir(directory.c_str()) == 0; });
  return stayed;
}

}  // namespace ocelot::test
