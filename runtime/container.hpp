#pragma once
#include <memory>
#include <optional>
#include <string>

#include "cgroups/driver.hpp"
#include "oci/state.hpp"
#include "runtime/record.hpp"

namespace ocelot {

// A container as its state directory and the kernel tell of it. What it is now is always computed,
// never remembered.
class Container {
 public:
  // `directory` is borrowed for as long as this lives.
  Container(int directory, Record record) : directory_(directory), record_(std::move(record)) {}

  const Record& record() const { return record_; }
  oci::Status status() const;
  // A pidfd of init while it lives.
  std::optional<UniqueFd> init() const;
  // The same for whoever needs it alive; throws Error{WrongState} with `why_not` otherwise.
  UniqueFd living_init(const std::string& why_not) const;
  // Made when first asked for: finding the hierarchies costs some system calls.
  cgroups::Driver& cgroup() const { return *shared_cgroup(); }
  const std::shared_ptr<cgroups::Driver>& shared_cgroup() const;
  // Whether who is in the cgroup may be of this container: once it is empty another one can be
  // given the same.
  bool may_be_in_cgroup() const;

 private:
  int directory_;
  Record record_;
  mutable std::shared_ptr<cgroups::Driver> cgroup_;
};

// Throws Error{NotFound} when the directory holds no record.
Container load_container(int directory, const std::string& id);

}  // namespace ocelot
