#pragma once
#include "cgroups/cgroup.hpp"
#include "cgroups/driver.hpp"
#include "cgroups/signals.hpp"

namespace ocelot::cgroups {

// A container's cgroups in all v1 hierarchies of the host, one directory in each.
class V1Driver final : public Driver {
 public:
  struct Member {
    Hierarchy hierarchy;
    Cgroup cgroup;
  };
  explicit V1Driver(std::vector<Member> members) : members_(std::move(members)) {}

  void create() override;
  void adopt() override;
  void apply(const oci::Resources& resources) override;
  void change(const oci::Resources& resources, Undo& undo) override;
  oci::CpuResources bandwidth() const override;
  void delegate(uid_t) override {}
  std::optional<UniqueFd> birth_directory() const override { return std::nullopt; }
  std::vector<UniqueFd> membership_files() const override;
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

  // One rmdir a hierarchy, which is enough for a cgroup that is empty; false when one was refused.
  bool try_remove() noexcept;
  // The whole subtree.
  void thaw_all() noexcept;

 private:
  const Cgroup* with(std::string_view controller) const;
  const Cgroup& need(std::string_view controller) const;
  const Cgroup& listing() const;
  void make_all(Place place);
  void make(Member& member, Place place);
  void write_limits(const oci::Resources& resources, Undo* undo);
  void share_realtime(const oci::CpuResources& cpu);
  void kill_once(const Deadline& deadline);

  std::vector<Member> members_;
};

}  // namespace ocelot::cgroups
