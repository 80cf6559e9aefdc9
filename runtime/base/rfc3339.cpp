#include "runtime/base/rfc3339.hpp"

#include <fmt/core.h>

namespace ocelot {

std::string rfc3339(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto since_epoch = time.time_since_epoch();
  const auto date = floor<days>(since_epoch);
  const year_month_day day{sys_days{date}};
  const hh_mm_ss clock{duration_cast<nanoseconds>(since_epoch - date)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace ocelot
