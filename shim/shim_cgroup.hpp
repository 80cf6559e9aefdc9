#pragma once
#include <string>
#include <vector>

#include "cgroups/cgroup.hpp"
#include "cgroups/driver.hpp"
#include "runtime/shim_cgroup_record.hpp"

namespace ocelot::shim {

// The cgroup that a shim puts itself into, in every hierarchy: limits are for whoever made it, or
// makes it in advance. Several shims may share one.
class ShimCgroup {
 public:
  ShimCgroup() = default;
  ShimCgroup(const ShimCgroup&) = delete;
  ShimCgroup& operator=(const ShimCgroup&) = delete;
  // Back to where the process was, or the program whose place it took. What shims have made is
  // removed, as far as nobody is in it.
  ~ShimCgroup() { leave(); }

  // `path` as cgroupsPath of config.json. Throws Error{InvalidArgument} for one that cannot be.
  static void check(const std::string& path);

  // What is missing is made, and written down in `directory` (the container's state directory) for
  // a later shim of the same container. The container must have been made, and in cgroups of its
  // own, or it or what exec adds would be in this one. When it throws the process has left it
  // again.
  void enter(const std::string& path, const cgroups::Location& container, int directory);

 private:
  struct Member {
    cgroups::Cgroup cgroup, home;
    const char* file;  // a thread that moves itself by `tasks` waits for no other
    bool v1_cpuset;    // takes nobody before it has processors and memory nodes
  };
  void join(Member& member) const;
  void leave() noexcept;

  std::vector<Member> members_;
  ShimCgroupRecord record_;
};

}  // namespace ocelot::shim
