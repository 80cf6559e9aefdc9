#pragma once
#include <sys/types.h>

#include <string>

#include "runtime/base/fd.hpp"
#include "runtime/plan/intel_rdt.hpp"

namespace ocelot {

// A container's group in the resctrl file system, and its monitoring group. What was made is
// removed by the destructor, unless committed; what was there before is never changed nor removed.
// Spec: config-linux.md#intelrdt
class IntelRdtGroup {
 public:
  // Only looks: what group_to_remove() says is to be remembered before make().
  explicit IntelRdtGroup(const IntelRdtPlan& plan);
  IntelRdtGroup(const IntelRdtGroup&) = delete;
  IntelRdtGroup& operator=(const IntelRdtGroup&) = delete;
  ~IntelRdtGroup();

  // Throws Error when the group has other schemata than asked for, does not exist though it must,
  // or cannot be made.
  void make();
  // Moves the process (and what it will fork) into both groups.
  void add(pid_t pid) const;
  void commit() noexcept { committed_ = true; }

  // Directories to remove with the container, for remove_intel_rdt(); empty when there is none.
  std::string group_to_remove() const;
  std::string monitor_to_remove() const;

 private:
  void undo() const noexcept;
  void open_group();
  void make_monitor();

  IntelRdtPlan plan_;
  UniqueFd group_, monitor_;
  bool missing_ = false;  // the group, before make()
  bool made_group_ = false, made_monitor_ = false, committed_ = false;
};

// New schemata of a group that is there. What it had before is written back by the destructor,
// unless committed.
class ChangedSchemata {
 public:
  // Throws Error when there is no such group, or the kernel refuses.
  explicit ChangedSchemata(const IntelRdtPlan& plan);
  ChangedSchemata(const ChangedSchemata&) = delete;
  ChangedSchemata& operator=(const ChangedSchemata&) = delete;
  ~ChangedSchemata();

  void commit() noexcept { committed_ = true; }

 private:
  void restore() const noexcept;

  UniqueFd group_;
  std::string before_;
  bool committed_ = false;
};

// Removes what a container's state remembers; one that is gone is no error.
void remove_intel_rdt(const std::string& group, const std::string& monitor);

}  // namespace ocelot
