#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "oci/linux.hpp"

namespace ocelot::oci {

// The mapping in the mount option "idmap=uids=0-1000-10#@20-5-1;gids=0-1000-10", which podman hands
// through: of each range the first id of the file system, the first it is seen as, and how many.
struct IdmapOption {
  std::vector<IdMapping> uids, gids;
  bool operator==(const IdmapOption&) const = default;
};

// Parses what follows "idmap=". A range that begins with '@' ("@0-5-1") counts the ids it is seen
// as in the container: they are looked up in `uid_mappings` and `gid_mappings`, those of its user
// namespace, where one mapping must hold them all. nullopt for anything else than this, and unless
// both uids and gids are there.
std::optional<IdmapOption> parse_idmap_option(std::string_view text,
                                              const std::vector<IdMapping>& uid_mappings,
                                              const std::vector<IdMapping>& gid_mappings);

}  // namespace ocelot::oci
