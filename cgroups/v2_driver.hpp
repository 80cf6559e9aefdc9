#pragma once
#include <set>

#include "cgroups/cgroup.hpp"
#include "cgroups/driver.hpp"
#include "cgroups/signals.hpp"

namespace ocelot::cgroups {

// A container's cgroup in the v2 hierarchy.
class V2Driver final : public Driver {
 public:
  // Alone on its host it enables every controller for the container, which may want to read what it
  // may not limit. Beside v1 hierarchies it enables those few that a limit asks for.
  enum class Role { alone, beside_v1 };
  // With a `subgroup` the container's processes are in a cgroup of that name below.
  V2Driver(const Hierarchy& hierarchy, Cgroup cgroup, Role role, const std::string& subgroup);

  void create() override;
  void adopt() override;
  void settle() override;
  void claim(const std::string& owner) override;
  std::string owner() const override;
  void apply(const oci::Resources& resources) override;
  void change(const oci::Resources& resources, Undo& undo) override;
  oci::CpuResources bandwidth() const override;
  void delegate(uid_t owner) override;
  void delegate_below(const std::string& name, pid_t process, uid_t owner) override;
  std::optional<UniqueFd> birth_directory() const override;
  std::vector<UniqueFd> membership_files() const override { return {}; }
  void freeze(Freezer state) override;
  bool try_freeze(const Deadline& deadline) override;
  bool frozen() const override;
  std::vector<pid_t> processes() const override;
  void kill_all() override;
  void signal_all(int signal) override;
  void remove() override;
  bool remove_if_empty() override;
  std::optional<std::uint64_t> oom_kills() const override;
  Stats stats() const override;
  OomNotice oom_notice() const override;

  // To the counters of v1 those of the controllers that are here, and pressure.
  void add_stats(Stats& stats) const;
  // Whether the host has this controller on v2, enabled for us or not.
  bool has(std::string_view controller) const {
    return available_.count(std::string(controller)) != 0;
  }
  // cgroup.kill without waiting; false where the kernel has none (before 5.14) or the cgroup is
  // gone.
  bool send_kill() const;
  // False when a process is still in the subtree at the deadline.
  bool wait_until_empty(const Deadline& deadline) const;
  bool try_remove() noexcept;

 private:
  V2Driver(std::set<std::string> available, Cgroup cgroup, Role role)
      : available_(std::move(available)), cgroup_(std::move(cgroup)), role_(role) {}

  V2Driver below(const std::string& name) const;
  const V2Driver& home() const { return home_ ? *home_ : *this; }
  void make(Place place);
  void enable(const std::set<std::string>& controllers) const;
  void write_limits(const oci::Resources& resources, const std::string& current_quota, Undo* undo);
  void kill_while_frozen();

  std::set<std::string> available_;
  Cgroup cgroup_;
  Role role_;
  std::unique_ptr<V2Driver> home_;  // where the container's processes are, if not here
};

}  // namespace ocelot::cgroups
