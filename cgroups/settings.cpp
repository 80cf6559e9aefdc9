#include "cgroups/settings.hpp"

#include <algorithm>

#include "cgroups/hybrid_driver.hpp"
#include "cgroups/v1_settings.hpp"
#include "cgroups/v2_settings.hpp"

namespace ocelot::cgroups {

Settings settings(const Hierarchies& hierarchies, const oci::Resources& resources) {
  if (hierarchies.mode == Mode::unified) return v2::settings(resources);
  if (hierarchies.mode != Mode::hybrid) return v1::settings(resources);
  const auto& on_v2 = hierarchies.unified_one()->controllers;
  const Split split = split_resources(resources, [&](std::string_view controller) {
    return std::ranges::find(on_v2, controller) != on_v2.end();
  });
  Settings all = v1::settings(split.v1);
  const Settings others = v2::settings(split.v2);
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

}  // namespace ocelot::cgroups
