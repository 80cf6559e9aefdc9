#include <fmt/core.h>

#include "cgroups/hybrid_driver.hpp"
#include "cgroups/systemd/driver.hpp"
#include "runtime/base/error.hpp"

namespace ocelot::cgroups {
namespace {

// `--cgroup-manager disabled`: the container stays in the cgroup of whoever starts it, and nothing
// is known about it.
class NoDriver final : public Driver {
 public:
  void create() override {}
  void adopt() override {}
  void apply(const oci::Resources&) override {}
  void change(const oci::Resources&, Undo&) override { refuse("update"); }
  oci::CpuResources bandwidth() const override { return {}; }
  void delegate(uid_t) override {}
  std::optional<UniqueFd> birth_directory() const override { return std::nullopt; }
  std::vector<UniqueFd> membership_files() const override { return {}; }
  void freeze(Freezer) override { refuse("pause"); }
  bool try_freeze(const Deadline&) override { refuse("pause"); }
  bool frozen() const override { return false; }
  std::vector<pid_t> processes() const override { return {}; }
  void kill_all() override {}
  void signal_all(int) override {}
  void remove() override {}
  bool remove_if_empty() override { return true; }
  std::optional<std::uint64_t> oom_kills() const override { return std::nullopt; }
  Stats stats() const override { return {}; }
  OomNotice oom_notice() const override { return {}; }

 private:
  [[noreturn]] static void refuse(const char* what) {
    throw Error{ErrorKind::Unsupported,
                fmt::format("{} needs a cgroup, and this container was created without one", what)}
        .with_hint("create the container where its user may make cgroups, or as root");
  }
};

// Of the files, whoever makes the directories.
std::unique_ptr<Driver> make_files_driver(const Hierarchies& hierarchies,
                                          const Location& location) {
  std::vector<V1Driver::Member> v1;
  std::optional<V2Driver> v2;
  for (const Hierarchy& hierarchy : hierarchies.all) {
    const auto path = location.paths.find(hierarchy.name);
    if (path == location.paths.end()) continue;
    Cgroup cgroup{hierarchy.mount_point, path->second};
    if (hierarchy.unified) {
      const bool alone = hierarchies.mode == Mode::unified;
      v2.emplace(hierarchy, std::move(cgroup),
                 alone ? V2Driver::Role::alone : V2Driver::Role::beside_v1, location.subgroup);
    } else {
      v1.push_back({hierarchy, std::move(cgroup)});
    }
  }
  if (v1.empty() && !v2) {
    throw Error{ErrorKind::Unsupported, "no cgroup hierarchy is mounted"}.with_hint(
        "mount cgroup2 on /sys/fs/cgroup, or use --cgroup-manager disabled");
  }
  if (v1.empty()) return std::make_unique<V2Driver>(std::move(*v2));
  if (!v2) return std::make_unique<V1Driver>(std::move(v1));
  return std::make_unique<HybridDriver>(V1Driver{std::move(v1)}, std::move(*v2));
}

}  // namespace

std::unique_ptr<Driver> make_driver(const Hierarchies& hierarchies, const Location& location,
                                    systemd::Properties properties) {
  if (location.manager == Manager::disabled) return std::make_unique<NoDriver>();
  std::unique_ptr<Driver> files = make_files_driver(hierarchies, location);
  if (location.manager == Manager::cgroupfs) return files;
  return std::make_unique<systemd::SystemdDriver>(std::move(files), location, std::move(properties),
                                                  hierarchies.mode == Mode::unified);
}

}  // namespace ocelot::cgroups
