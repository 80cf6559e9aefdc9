#pragma once
#include "cgroups/driver.hpp"
#include "cgroups/systemd/helper.hpp"

namespace ocelot::cgroups::systemd {

// A cgroup that systemd makes and removes, as a unit. All that is done to it in between is done to
// its files, by the driver that this decorates; systemd is asked only to create, to change limits
// and to remove.
class SystemdDriver final : public Driver {
 public:
  SystemdDriver(std::unique_ptr<Driver> files, Location location, Properties properties,
                bool unified)
      : files_(std::move(files)),
        location_(std::move(location)),
        properties_(std::move(properties)),
        unified_(unified) {}

  void create() override;
  void adopt() override { files_->adopt(); }
  void settle() override {
    let_go();
    files_->settle();
  }
  void claim(const std::string& owner) override { files_->claim(owner); }
  std::string owner() const override { return files_->owner(); }
  void apply(const oci::Resources& resources) override { files_->apply(resources); }
  void change(const oci::Resources& resources, Undo& undo) override;
  oci::CpuResources bandwidth() const override { return files_->bandwidth(); }
  void delegate(uid_t owner) override { files_->delegate(owner); }
  void delegate_below(const std::string& name, pid_t process, uid_t owner) override {
    files_->delegate_below(name, process, owner);
  }
  std::optional<UniqueFd> birth_directory() const override { return files_->birth_directory(); }
  std::vector<UniqueFd> membership_files() const override { return files_->membership_files(); }
  void freeze(Freezer state) override { files_->freeze(state); }
  bool try_freeze(const Deadline& deadline) override { return files_->try_freeze(deadline); }
  bool frozen() const override { return files_->frozen(); }
  std::vector<pid_t> processes() const override { return files_->processes(); }
  void kill_all() override { files_->kill_all(); }
  void signal_all(int signal) override { files_->signal_all(signal); }
  void remove() override;
  bool remove_if_empty() override;
  std::optional<std::uint64_t> oom_kills() const override { return files_->oom_kills(); }
  Stats stats() const override { return files_->stats(); }
  OomNotice oom_notice() const override { return files_->oom_notice(); }

 private:
  void let_go() { holder_ = {}; }
  Request request(Operation operation, Properties properties = {}) const;
  void check_place() const;
  void tell(Properties changed) const;
  void stop_unit() const;

  std::unique_ptr<Driver> files_;
  Location location_;
  Properties properties_;
  bool unified_;
  Helper holder_;  // is in a new scope until the container is
};

}  // namespace ocelot::cgroups::systemd
