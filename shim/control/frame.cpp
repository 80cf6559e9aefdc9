#include "shim/control/frame.hpp"

#include "runtime/base/crc32c.hpp"
#include "shim/control/limits.hpp"
#include "shim/control/little_endian.hpp"

namespace ocelot::control {
namespace {

constexpr std::uint32_t magic = 0x4c54434f;  // "OCTL"
constexpr std::uint8_t flag_repeated = 1;
constexpr std::size_t checksum_at = 24;
constexpr std::size_t max_fragments = 1024;

std::uint32_t checksum(std::string_view header_without_checksum,
                       std::string_view payload) noexcept {
  constexpr std::string_view zero{"\0\0\0\0", 4};
  return crc32c(payload, crc32c(zero, crc32c(header_without_checksum)));
}

Damage check(const Header& header, std::uint8_t type, std::uint8_t flags) noexcept {
  if (type < static_cast<std::uint8_t>(Type::Hello) ||
      type > static_cast<std::uint8_t>(Type::Goodbye))
    return Damage::Type;
  if ((flags & ~flag_repeated) != 0) return Damage::Flags;
  if (header.index >= header.count || header.count > max_fragments) return Damage::Fragment;
  if (header.descriptors > max_descriptors || (header.descriptors != 0 && header.index != 0))
    return Damage::Descriptors;
  return Damage::None;
}

}  // namespace

HeaderBytes encode(const Header& header, std::string_view payload) noexcept {
  HeaderBytes bytes{};
  char* const at = bytes.data();
  put(at, magic);
  put(at + 4, protocol_version);
  put(at + 5, static_cast<std::uint8_t>(header.type));
  put(at + 6, header.descriptors);
  put(at + 7, header.repeated ? flag_repeated : std::uint8_t{0});
  put(at + 8, header.id);
  put(at + 16, header.index);
  put(at + 18, header.count);
  put(at + 20, static_cast<std::uint32_t>(payload.size()));
  put(at + checksum_at, checksum({at, checksum_at}, payload));
  return bytes;
}

Frame decode(std::string_view packet) noexcept {
  if (packet.size() < header_bytes) return {.damage = Damage::Short};
  const char* const at = packet.data();
  if (get<std::uint32_t>(at) != magic) return {.damage = Damage::Magic};
  const std::string_view payload = packet.substr(header_bytes);
  if (get<std::uint32_t>(at + 20) != payload.size() || packet.size() > max_packet_bytes)
    return {.damage = Damage::Length};
  if (get<std::uint32_t>(at + checksum_at) != checksum({at, checksum_at}, payload))
    return {.damage = Damage::Checksum};
  if (get<std::uint8_t>(at + 4) != protocol_version) return {.damage = Damage::Version};

  const auto type = get<std::uint8_t>(at + 5);
  const auto flags = get<std::uint8_t>(at + 7);
  Frame frame;
  frame.header = {.type = static_cast<Type>(type),
                  .descriptors = get<std::uint8_t>(at + 6),
                  .repeated = (flags & flag_repeated) != 0,
                  .id = get<std::uint64_t>(at + 8),
                  .index = get<std::uint16_t>(at + 16),
                  .count = get<std::uint16_t>(at + 18)};
  frame.payload = payload;
  frame.damage = check(frame.header, type, flags);
  return frame;
}

const char* describe(Damage damage) noexcept {
  switch (damage) {
    case Damage::None:
      return "none";
    case Damage::Short:
      return "short";
    case Damage::Magic:
      return "magic";
    case Damage::Length:
      return "length";
    case Damage::Checksum:
      return "checksum";
    case Damage::Version:
      return "version";
    case Damage::Type:
      return "type";
    case Damage::Flags:
      return "flags";
    case Damage::Fragment:
      return "fragment";
    case Damage::Descriptors:
      return "descriptors";
    case Damage::Cut:
      return "cut";
  }
  return "unknown";
}

}  // namespace ocelot::control
