#pragma once
#include <chrono>
#include <cstdint>

namespace ocelot::shim {

// A token bucket: `burst` bytes at once, and on average no more than `bytes_per_second`. Whatever
// is asked for while there is anything left is granted, as a debt if need be, so that nothing is
// too large to pass.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // No limit with 0 `bytes_per_second`.
  RateLimit(std::uint64_t bytes_per_second, std::uint64_t burst);

  // False when there is nothing left at `now`. `now` never goes back.
  bool take(std::size_t bytes, Time now);
  // The same, granted in any case.
  void owe(std::size_t bytes, Time now);
  // How long after `now` something is left again; 0 when there is.
  std::chrono::milliseconds wait(Time now);

 private:
  void refill(Time now);

  double rate_, burst_, left_;
  Time last_{};
};

}  // namespace ocelot::shim
