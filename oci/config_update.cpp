#include "oci/config_update.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace ocelot::oci {
namespace {

using nlohmann::ordered_json;

// Whether two entries of a list of limits are about the same thing.
bool about_the_same(const ordered_json& one, const ordered_json& other) {
  constexpr const char* identity[] = {"major", "minor", "pageSize", "name"};
  return std::all_of(std::begin(identity), std::end(identity), [&](const char* key) {
    return one.value(key, ordered_json{}) == other.value(key, ordered_json{});
  });
}

void overlay_list(ordered_json& list, const ordered_json& changes) {
  for (const ordered_json& entry : changes) {
    const auto same = std::find_if(list.begin(), list.end(), [&](const ordered_json& existing) {
      return about_the_same(existing, entry);
    });
    if (same == list.end()) {
      list.push_back(entry);
    } else {
      *same = entry;
    }
  }
}

// `null` is the same as absent.
void overlay(ordered_json& value, const ordered_json& changes) {
  if (changes.is_object()) {
    if (!value.is_object()) value = ordered_json::object();
    for (const auto& [key, change] : changes.items()) {
      if (!change.is_null()) overlay(value[key], change);
    }
  } else if (changes.is_array() && value.is_array()) {
    overlay_list(value, changes);
  } else {
    value = changes;
  }
}

}  // namespace

std::string updated(const std::string& config, const ConfigUpdate& update) try {
  ordered_json document = ordered_json::parse(config);
  ordered_json resources = ordered_json::parse(update.resources);
  resources.erase("devices");
  overlay(document["linux"]["resources"], resources);
  if (!update.l3_cache_schema.empty())
    document["linux"]["intelRdt"]["l3CacheSchema"] = update.l3_cache_schema;
  if (!update.mem_bw_schema.empty())
    document["linux"]["intelRdt"]["memBwSchema"] = update.mem_bw_schema;
  return document.dump();
} catch (const nlohmann::json::exception& error) {
  throw Error{ErrorKind::Failed, std::string("cannot be updated: ") + error.what()};
}

}  // namespace ocelot::oci
