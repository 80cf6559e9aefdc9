#include "oci/idmap_option.hpp"

#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

std::optional<std::uint32_t> on_the_host(const IdMapping& range,
                                         const std::vector<IdMapping>& mappings) {
  for (const IdMapping& mapping : mappings) {
    if (range.host_id < mapping.container_id) continue;
    const std::uint64_t offset = range.host_id - mapping.container_id;
    if (offset + range.size <= mapping.size)
      return static_cast<std::uint32_t>(mapping.host_id + offset);
  }
  return std::nullopt;
}

std::optional<IdMapping> parse_range(std::string_view text,
                                     const std::vector<IdMapping>& mappings) {
  const bool relative = text.starts_with('@');
  if (relative) text.remove_prefix(1);
  const auto parts = split(text, '-');
  if (parts.size() != 3) return std::nullopt;
  const auto container_id = parse_integer<std::uint32_t>(parts[0]);
  const auto host_id = parse_integer<std::uint32_t>(parts[1]);
  const auto size = parse_integer<std::uint32_t>(parts[2]);
  if (!container_id || !host_id || !size) return std::nullopt;
  IdMapping range{.container_id = *container_id, .host_id = *host_id, .size = *size};
  if (!relative) return range;
  const auto host = on_the_host(range, mappings);
  if (!host) return std::nullopt;
  range.host_id = *host;
  return range;
}

bool parse_ranges(std::string_view text, const std::vector<IdMapping>& mappings,
                  std::vector<IdMapping>& ranges) {
  for (const std::string_view part : split(text, '#')) {
    const auto range = parse_range(part, mappings);
    if (!range) return false;
    ranges.push_back(*range);
  }
  return true;
}

}  // namespace

std::optional<IdmapOption> parse_idmap_option(std::string_view text,
                                              const std::vector<IdMapping>& uid_mappings,
                                              const std::vector<IdMapping>& gid_mappings) {
  constexpr std::string_view uids = "uids=", gids = "gids=";
  IdmapOption option;
  for (const std::string_view part : split(text, ';')) {
    const bool good = part.starts_with(uids) && option.uids.empty()
                          ? parse_ranges(part.substr(uids.size()), uid_mappings, option.uids)
                          : part.starts_with(gids) && option.gids.empty() &&
                                parse_ranges(part.substr(gids.size()), gid_mappings, option.gids);
    if (!good) return std::nullopt;
  }
  if (option.uids.empty() || option.gids.empty()) return std::nullopt;
  return option;
}

}  // namespace ocelot::oci
