#pragma once
#include <cstdint>
#include <optional>

#include "cgroups/driver.hpp"
#include "runtime/base/fd.hpp"

namespace ocelot {

// The OOM kills that a container's cgroup counted until it was removed, for who has asked for them
// while it lived: a count that is read after the end of init may come too late.
class LastOomKills {
 public:
  // Asks, by a file in the container's directory that stays readable when that is gone.
  explicit LastOomKills(int directory);
  // nullopt: the cgroup is there to be asked, or somebody else has removed it.
  std::optional<std::uint64_t> read() const;

 private:
  UniqueFd file_;
};

// Before the cgroup is removed. Costs nothing more than a look when nobody has asked.
void leave_oom_kills(int directory, const cgroups::Driver& cgroup);

}  // namespace ocelot
