#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/fd.hpp"

namespace ocelot::shim {

// Descriptors that the container has sent and nobody has asked for yet, first in, first out.
//
// They are in the queue of a socket and in no table of descriptors: who is forked or executes
// meanwhile has no copy of them, whose close the container could hold up.
class Shelf {
 public:
  Shelf() = default;
  // The two ends, for a shim that takes over; empty where nothing is kept.
  Shelf(UniqueFd in, UniqueFd out) : in_(std::move(in)), out_(std::move(out)) {}

  // Makes sure that something can be put there, in whichever process. Throws Error.
  void open();
  explicit operator bool() const { return static_cast<bool>(in_); }
  // Under a number above those that are there. The caller's own are still to be closed. False:
  // there is no room.
  bool put(std::uint64_t number, std::span<const UniqueFd> fds) const;
  // In a process that ends soon: what was put there under this number; what was before that nobody
  // has taken is lost. Throws Error when not all of them can be had.
  std::vector<UniqueFd> take(std::uint64_t number) const;

  const UniqueFd& in() const { return in_; }
  const UniqueFd& out() const { return out_; }

 private:
  UniqueFd in_, out_;
};

}  // namespace ocelot::shim
