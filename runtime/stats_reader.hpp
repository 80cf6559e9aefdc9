#pragma once
#include "runtime/container.hpp"
#include "runtime/stats.hpp"

namespace ocelot {

// A container that is held while its statistics are read again and again.
class StatsReader {
 public:
  // Throws Error{NotFound}, or Error{WrongState} when its init has ended.
  StatsReader(const GlobalOptions& global, const std::string& id);

  ContainerStats read() const;
  int directory() const { return directory_.get(); }
  const cgroups::Driver& cgroup() const { return container_.cgroup(); }
  int init() const { return init_.get(); }  // a pidfd

 private:
  UniqueFd directory_;
  Container container_;
  UniqueFd init_;
};

}  // namespace ocelot
