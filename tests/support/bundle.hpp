#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace ocelot::test {

// A bundle directory: `rootfs/` with static busybox (every applet a link in /bin) and the probe at
// /bin/probe, and `config`, which becomes config.json when it is written.
//
// `config` starts as tests/data/default/config.json (what `runc spec` prints of late, terminal
// false) with a cgroupsPath of its own; for an unprivileged caller as `runc spec --rootless` would
// have it.
class Bundle {
 public:
  Bundle();

  std::string path() const { return directory_.path(); }
  std::string rootfs() const { return directory_ / "rootfs"; }
  std::string config_path() const { return directory_ / "config.json"; }

  nlohmann::json config;

  nlohmann::json& process() { return config["process"]; }
  nlohmann::json& linux() { return config["linux"]; }

  Bundle& args(std::vector<std::string> words);
  Bundle& shell(const std::string& script);  // /bin/sh -c script
  Bundle& env(const std::string& entry);

  Bundle& add_mount(const std::string& destination, const std::string& type,
                    const std::string& source, std::vector<std::string> options = {});
  nlohmann::json& mount_at(const std::string& destination);  // throws if there is none
  Bundle& remove_mount(const std::string& destination);

  Bundle& add_namespace(const std::string& type, const std::string& path = {});
  Bundle& remove_namespace(const std::string& type);
  // A new user namespace whose ids 0 to `size` - 1 are `host_id` and up; the rootfs is given to it.
  Bundle& add_user_namespace(uid_t host_id = 100000, uint32_t size = 65536);

  Bundle& capabilities(std::vector<std::string> names);  // in all five sets

  // A file or directory in the rootfs, with the directories above it.
  Bundle& put(const std::string& path, const std::string& content, mode_t mode = 0644);
  Bundle& put_directory(const std::string& path, mode_t mode = 0755);

  // The cgroup named by cgroupsPath, in the hierarchy of `controller`; and one of its files,
  // without the final newline.
  std::string cgroup(const std::string& controller) const;
  std::string cgroup_file(const std::string& controller, const std::string& file) const;

  void write() const;

 private:
  TempDir directory_;
};

// The first mapped host id of a range for user namespaces that nobody else uses.
inline constexpr uid_t kHostId = 100000;

}  // namespace ocelot::test
