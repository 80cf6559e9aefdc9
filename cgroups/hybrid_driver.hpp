#pragma once
#include "cgroups/v1_driver.hpp"
#include "cgroups/v2_driver.hpp"

namespace ocelot::cgroups {

// A container on a host where some controllers are on v1 and some (or none) on v2: both drivers,
// each for its own controllers. The v2 hierarchy also gives what v1 lacks: birth in the cgroup, a
// freezer that announces itself and lets a killed process die, one kill for all, notice of
// emptiness.
class HybridDriver final : public Driver {
 public:
  HybridDriver(V1Driver v1, V2Driver v2) : v1_(std::move(v1)), v2_(std::move(v2)) {}

  void create() override;
  void adopt() override;
  void claim(const std::string& owner) override { v2_.claim(owner); }
  std::string owner() const override { return v2_.owner(); }
  void apply(const oci::Resources& resources) override;
  void change(const oci::Resources& resources, Undo& undo) override;
  oci::CpuResources bandwidth() const override {
    return v2_.has("cpu") ? v2_.bandwidth() : v1_.bandwidth();
  }
  void delegate(uid_t) override {}
  std::optional<UniqueFd> birth_directory() const override { return v2_.birth_directory(); }
  std::vector<UniqueFd> membership_files() const override { return v1_.membership_files(); }
  void freeze(Freezer state) override;
  bool try_freeze(const Deadline& deadline) override;
  bool frozen() const override { return v2_.frozen() || v1_.frozen(); }
  std::vector<pid_t> processes() const override { return v2_.processes(); }
  void kill_all() override;
  void signal_all(int signal) override { v2_.signal_all(signal); }
  void remove() override;
  bool remove_if_empty() override;
  std::optional<std::uint64_t> oom_kills() const override;
  Stats stats() const override;
  OomNotice oom_notice() const override;

 private:
  V1Driver v1_;
  V2Driver v2_;
};

// The two parts of `resources`: what the controllers that are on v2 are to do, and all the rest.
struct Split {
  oci::Resources v1, v2;
};
Split split_resources(const oci::Resources& resources,
                      const std::function<bool(std::string_view controller)>& on_v2);

}  // namespace ocelot::cgroups
