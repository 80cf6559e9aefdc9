#pragma once
#include <memory>
#include <string>

#include "cgroups/driver.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// The cgroup between its making and the commit: it goes with this, unless committed.
class NewCgroup {
 public:
  explicit NewCgroup(std::unique_ptr<cgroups::Driver> driver) : driver_(std::move(driver)) {}
  NewCgroup(const NewCgroup&) = delete;
  NewCgroup& operator=(const NewCgroup&) = delete;
  ~NewCgroup();

  // Makes it, with its limits and its owner, while no process is in it. `container` tells it from
  // all others (Record::cgroup_owner).
  void make(const Plan& plan, const std::string& container);
  // The container's process is there.
  void settle(const Plan& plan);
  // No process but the container's first one is in it, and that has its cgroup namespace.
  void delegate_below(const Plan& plan, pid_t init);
  void commit() { made_ = false; }
  void replace(std::unique_ptr<cgroups::Driver> driver) { driver_ = std::move(driver); }
  cgroups::Driver& driver() { return *driver_; }

 private:
  std::unique_ptr<cgroups::Driver> driver_;
  bool made_ = false;
};

}  // namespace ocelot
