#pragma once
#include <ostream>

#include "cgroups/setting.hpp"

namespace ocelot::cgroups {

inline std::ostream& operator<<(std::ostream& out, const Setting& setting) {
  const char* const missing[] = {"", " (or not at all)", " (or the next)"};
  return out << setting.file << " = " << setting.value
             << missing[static_cast<int>(setting.missing)];
}

}  // namespace ocelot::cgroups

// Element by element, so that a failure says which one.
#define SETTINGS_ARE(actual, ...) \
  BOOST_TEST((actual) == (ocelot::cgroups::Settings __VA_ARGS__), boost::test_tools::per_element())
