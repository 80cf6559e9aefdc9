#pragma once
#include <string>

namespace ocelot::oci {

// What an update changes in a config.json.
struct ConfigUpdate {
  std::string resources;  // a document: what it holds becomes part of linux.resources
  std::string l3_cache_schema, mem_bw_schema;  // of linux.intelRdt; empty: as they were

  bool changes_schemata() const { return !l3_cache_schema.empty() || !mem_bw_schema.empty(); }
};

// The text of `config` with that. What it does not name stays, and so do device rules; of lists
// whose entries have a device, a page size or a name, the entries of the same one are replaced.
// Both texts must have been read before (read_spec, read_resources).
std::string updated(const std::string& config, const ConfigUpdate& update);

}  // namespace ocelot::oci
