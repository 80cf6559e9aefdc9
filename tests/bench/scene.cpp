#include "tests/bench/scene.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

// After <linux/mount.h>: glibc's header defines what that one has as enumerators.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*);
extern "C" int umount2(const char*, int);

namespace ocelot::bench {
namespace fs = std::filesystem;
namespace {

constexpr int kDetach = 2;  // MNT_DETACH
const std::string kCgroups = "/sys/fs/cgroup";

void must(long result, const std::string& what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

struct Hierarchy {
  std::string name;
  int tree;  // a detached clone of its mount
};

// The v1 hierarchies mounted directly below /sys/fs/cgroup, in the order of their mounting.
std::vector<Hierarchy> clone_hierarchies() {
  std::vector<Hierarchy> found;
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string source, target, type;
    fields >> source >> target >> type;
    if (type != "cgroup" || fs::path(target).parent_path() != kCgroups) continue;
    const auto tree = static_cast<int>(
        syscall(SYS_open_tree, AT_FDCWD, target.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    must(tree, "open_tree " + target);
    found.push_back({fs::path(target).filename(), tree});
  }
  if (found.empty()) throw std::runtime_error("no cgroup v1 hierarchy below " + kCgroups);
  return found;
}

std::vector<std::string> attach_hierarchies(const std::vector<Hierarchy>& hierarchies) {
  std::vector<std::string> names;
  for (const auto& [name, tree] : hierarchies) {
    const std::string target = kCgroups + "/" + name;
    fs::create_directory(target);
    must(syscall(SYS_move_mount, tree, "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
         "move_mount " + target);
    close(tree);
    std::ofstream(target + "/tasks") << 0 << std::flush;
    names.push_back(name);
  }
  return names;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("config.json has no " + from);
  return text.replace(at, from.size(), to);
}

std::string make_bundle(const std::string& path, const std::string& busybox,
                        const std::string& config, const std::string& args = "\"true\"") {
  for (const char* directory : {"bin", "proc", "dev", "sys"})
    fs::create_directories(path + "/rootfs/" + directory);
  fs::copy_file(busybox, path + "/rootfs/bin/busybox");
  for (const char* applet : {"true", "sleep"})
    fs::create_symlink("busybox", path + "/rootfs/bin/" + applet);
  std::ifstream in(config);
  std::stringstream text;
  text << in.rdbuf();
  std::ofstream out(path + "/config.json");
  out << replaced(text.str(), "\"args\": [\"sh\"]", "\"args\": [" + args + "]");
  if (!in || !out.flush()) throw std::runtime_error("cannot copy " + config);
  return path;
}

constexpr const char* kLook = R"(#!/bin/sh
cat /proc/self/mountinfo
echo --
for namespace in /proc/self/ns/*; do readlink $namespace; done
echo --
cat /proc/self/cgroup
echo --
grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Umask)' /proc/self/status
grep 'open files' /proc/self/limits
echo end
read line
)";

std::string make_looking_bundle(const std::string& path, const std::string& busybox,
                                const std::string& config) {
  make_bundle(path, busybox, config);
  const std::string bin = path + "/rootfs/bin/";
  for (const char* applet : {"sh", "cat", "readlink", "grep"})
    fs::create_symlink("busybox", bin + applet);
  fs::remove(bin + "true");
  std::ofstream(bin + "true") << kLook << std::flush;
  fs::permissions(bin + "true", fs::perms(0755));
  return path;
}

}  // namespace

Scene set_scene(const std::string& busybox, const std::string& config) {
  must(unshare(CLONE_NEWNS), "unshare a mount namespace");
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make / private");
  const auto hierarchies = clone_hierarchies();
  must(umount2(kCgroups.c_str(), kDetach), "umount " + kCgroups);
  must(mount("tmpfs", kCgroups.c_str(), "tmpfs", 0, "mode=755"), "mount " + kCgroups);
  Scene scene{.hierarchies = attach_hierarchies(hierarchies)};
  const std::string kRun = "/run";
  // Without nosuid and nodev: not every runtime keeps them when it makes the root read-only.
  must(mount("tmpfs", kRun.c_str(), "tmpfs", 0, "mode=755"), "mount " + kRun);
  scene.bundle = make_bundle(kRun + "/bench/bundle", busybox, config);
  scene.looking_bundle = make_looking_bundle(kRun + "/bench/looking", busybox, config);
  scene.sleeping_bundle =
      make_bundle(kRun + "/bench/sleeping", busybox, config, R"("sleep", "100000")");
  return scene;
}

}  // namespace ocelot::bench
