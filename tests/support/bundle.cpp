#include "tests/support/bundle.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/command.hpp"

namespace ocelot::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// One copy of the programs for this process: bundles link to it, so that nothing which a container
// does to its files reaches the machine's own busybox.
struct Template {
  TempDir directory;
  std::vector<std::string> applets;

  Template() {
    fs::copy_file(OCELOT_BUSYBOX, directory / "busybox");
    fs::copy_file(OCELOT_PROBE, directory / "probe");
    for (const char* program : {"busybox", "probe"})
      fs::permissions(directory / program, fs::perms{0755});
    std::istringstream names{run({directory / "busybox", "--list"}).out};
    for (std::string name; std::getline(names, name);)
      if (name != "busybox") applets.push_back(name);
  }
};

const Template& programs() {
  static const Template instance;
  return instance;
}

void make_rootfs(const std::string& rootfs) {
  const Template& from = programs();
  for (const char* directory :
       {"", "/bin", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var"})
    checked(::mkdir((rootfs + directory).c_str(), 0755), "mkdir " + rootfs + directory);
  checked(::mkdir((rootfs + "/tmp").c_str(), 0755), "mkdir " + rootfs + "/tmp");
  checked(::chmod((rootfs + "/tmp").c_str(), 01777), "chmod " + rootfs + "/tmp");
  for (const char* program : {"busybox", "probe"})
    checked(::link((from.directory / program).c_str(), (rootfs + "/bin/" + program).c_str()),
            "link " + rootfs + "/bin/" + program);
  for (const std::string& applet : from.applets)
    checked(::symlink("busybox", (rootfs + "/bin/" + applet).c_str()), "symlink " + applet);
  write_file(rootfs + "/etc/passwd",
             "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n");
  write_file(rootfs + "/etc/group", "root:x:0:\ntty:x:5:\nuser:x:1000:\n");
}

// What `runc spec --rootless` changes.
void make_unprivileged(json& config) {
  json& linux = config["linux"];
  linux.erase("resources");
  json& namespaces = linux["namespaces"];
  for (auto it = namespaces.begin(); it != namespaces.end();)
    it = (*it)["type"] == "network" ? namespaces.erase(it) : it + 1;
  namespaces.push_back({{"type", "user"}});
  linux["uidMappings"] = {{{"containerID", 0}, {"hostID", ::geteuid()}, {"size", 1}}};
  linux["gidMappings"] = {{{"containerID", 0}, {"hostID", ::getegid()}, {"size", 1}}};
  for (json& mount : config["mounts"]) {
    if (mount["destination"] == "/sys")
      mount = {{"destination", "/sys"},
               {"type", "none"},
               {"source", "/sys"},
               {"options", {"rbind", "nosuid", "noexec", "nodev", "ro"}}};
    json& options = mount["options"];
    for (auto it = options.begin(); it != options.end();)
      it = it->get<std::string>().starts_with("gid=") ? options.erase(it) : it + 1;
    if (options.empty()) mount.erase("options");
  }
}

}  // namespace

Bundle::Bundle() {
  static std::atomic<int> count = 0;
  make_rootfs(rootfs());
  config = json::parse(read_file(OCELOT_TEST_DATA "/default/config.json"));
  if (::geteuid() != 0) make_unprivileged(config);
  if (std::string parent = cgroup_parent(); !parent.empty())
    linux()["cgroupsPath"] = parent + "/" + std::to_string(++count);
}

Bundle& Bundle::args(std::vector<std::string> words) {
  process()["args"] = std::move(words);
  return *this;
}

Bundle& Bundle::shell(const std::string& script) {
  return args({"/bin/sh", "-c", script});
}

Bundle& Bundle::env(const std::string& entry) {
  process()["env"].push_back(entry);
  return *this;
}

Bundle& Bundle::add_mount(const std::string& destination, const std::string& type,
                          const std::string& source, std::vector<std::string> options) {
  json mount{{"destination", destination}, {"type", type}, {"source", source}};
  if (!options.empty()) mount["options"] = std::move(options);
  config["mounts"].push_back(std::move(mount));
  return *this;
}

json& Bundle::mount_at(const std::string& destination) {
  for (json& mount : config["mounts"])
    if (mount["destination"] == destination) return mount;
  throw std::out_of_range("no mount at " + destination);
}

Bundle& Bundle::remove_mount(const std::string& destination) {
  json& mounts = config["mounts"];
  for (auto it = mounts.begin(); it != mounts.end();)
    it = (*it)["destination"] == destination ? mounts.erase(it) : it + 1;
  return *this;
}

Bundle& Bundle::add_namespace(const std::string& type, const std::string& path) {
  remove_namespace(type);
  json entry{{"type", type}};
  if (!path.empty()) entry["path"] = path;
  linux()["namespaces"].push_back(std::move(entry));
  return *this;
}

Bundle& Bundle::remove_namespace(const std::string& type) {
  json& namespaces = linux()["namespaces"];
  for (auto it = namespaces.begin(); it != namespaces.end();)
    it = (*it)["type"] == type ? namespaces.erase(it) : it + 1;
  return *this;
}

Bundle& Bundle::add_user_namespace(uid_t host_id, uint32_t size) {
  add_namespace("user");
  const json map{{{"containerID", 0}, {"hostID", host_id}, {"size", size}}};
  linux()["uidMappings"] = map;
  linux()["gidMappings"] = map;
  for (const char* directory : {"", "/root", "/tmp", "/etc", "/run", "/var"})
    checked(::chown((rootfs() + directory).c_str(), host_id, host_id),
            "chown " + rootfs() + directory);
  return *this;
}

Bundle& Bundle::capabilities(std::vector<std::string> names) {
  for (const char* set : {"bounding", "effective", "inheritable", "permitted", "ambient"})
    process()["capabilities"][set] = names;
  return *this;
}

Bundle& Bundle::put(const std::string& path, const std::string& content, mode_t mode) {
  std::string file = rootfs() + path;
  fs::create_directories(fs::path{file}.parent_path());
  write_file(file, content);
  checked(::chmod(file.c_str(), mode), "chmod " + file);
  return *this;
}

Bundle& Bundle::put_directory(const std::string& path, mode_t mode) {
  fs::create_directories(rootfs() + path);
  checked(::chmod((rootfs() + path).c_str(), mode), "chmod " + rootfs() + path);
  return *this;
}

std::string Bundle::cgroup(const std::string& controller) const {
  return cgroup_directory(controller, config["linux"]["cgroupsPath"]);
}

std::string Bundle::cgroup_file(const std::string& controller, const std::string& file) const {
  std::string content = read_file(cgroup(controller) + "/" + file);
  while (content.ends_with('\n')) content.pop_back();
  return content;
}

void Bundle::write() const {
  write_file(config_path(), config.dump(2) + "\n");
}

}  // namespace ocelot::test
