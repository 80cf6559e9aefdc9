#include "shim/stdio/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace ocelot::shim {

RateLimit::RateLimit(std::uint64_t bytes_per_second, std::uint64_t burst)
    : rate_(static_cast<double>(bytes_per_second)),
      burst_(static_cast<double>(std::max<std::uint64_t>(burst, 1))),
      left_(burst_) {}

void RateLimit::refill(Time now) {
  if (last_ != Time{} && now > last_) {
    const std::chrono::duration<double> passed = now - last_;
    left_ = std::min(burst_, left_ + rate_ * passed.count());
  }
  last_ = std::max(last_, now);
}

bool RateLimit::take(std::size_t bytes, Time now) {
  if (rate_ == 0) return true;
  refill(now);
  if (left_ <= 0) return false;
  left_ -= static_cast<double>(bytes);
  return true;
}

void RateLimit::owe(std::size_t bytes, Time now) {
  if (rate_ == 0) return;
  refill(now);
  left_ -= static_cast<double>(bytes);
}

std::chrono::milliseconds RateLimit::wait(Time now) {
  if (rate_ == 0) return {};
  refill(now);
  if (left_ > 0) return {};
  const double longest = 3600e3;
  const double needed = std::ceil((1 - left_) / rate_ * 1000);
  return std::chrono::milliseconds{static_cast<long>(std::clamp(needed, 1.0, longest))};
}

}  // namespace ocelot::shim
