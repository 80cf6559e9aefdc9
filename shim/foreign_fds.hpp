#pragma once
#include <span>
#include <vector>

#include "runtime/base/fd.hpp"

namespace ocelot::shim {

// Descriptors that the container has had a hand in, in a worker that may last
// (lasting_workers.hpp): its end closes them, when it has told its result. close(2) asks whoever
// serves the file (a file system of the container's own), or lingers, for as long as the container
// likes.
class ForeignFds {
 public:
  explicit ForeignFds(std::vector<UniqueFd> fds) : fds_(std::move(fds)) {}
  ForeignFds(const ForeignFds&) = delete;
  ForeignFds& operator=(const ForeignFds&) = delete;
  ~ForeignFds() {
    for (UniqueFd& fd : fds_) static_cast<void>(fd.release());
  }

  std::size_t size() const { return fds_.size(); }
  std::span<const UniqueFd> get() const { return fds_; }

 private:
  std::vector<UniqueFd> fds_;
};

}  // namespace ocelot::shim
