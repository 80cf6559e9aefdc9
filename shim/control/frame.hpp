#pragma once
#include <array>
#include <cstdint>
#include <string_view>

// One packet: a header of 28 bytes, little endian, and a payload. Pure: bytes to values and back.
//
//    0  u32  magic "OCTL"           8  u64  id of the request
//    4  u8   version               16  u16  index of this fragment
//    5  u8   type                  18  u16  number of fragments
//    6  u8   descriptors           20  u32  length of the payload
//    7  u8   flags                 24  u32  CRC-32C of header (this field 0) and payload
//
// Magic, version and the place of the checksum stay the same in every version.
namespace ocelot::control {

inline constexpr std::size_t header_bytes = 28;
inline constexpr std::uint8_t protocol_version = 1;

enum class Type : std::uint8_t {
  Hello = 1,    // client, first: which session
  Welcome = 2,  // server, its answer
  Request = 3,
  Reply = 4,
  Event = 5,    // of the request that asked for them
  Resend = 6,   // server: a packet came damaged
  Goodbye = 7,  // server, last: why the connection ends
};

struct Header {
  Type type = Type::Request;
  std::uint8_t descriptors = 0;  // that travel with this packet; not 0 only in fragment 0
  bool repeated = false;         // has been sent before
  std::uint64_t id = 0;
  std::uint16_t index = 0;
  std::uint16_t count = 1;

  bool operator==(const Header&) const = default;
};

using HeaderBytes = std::array<char, header_bytes>;
HeaderBytes encode(const Header& header, std::string_view payload) noexcept;

enum class Damage : std::uint8_t {
  None,
  Short,   // less than a header
  Magic,   // not of this protocol
  Length,  // the packet is not as long as it says, or longer than one may be
  Checksum,
  Version,  // sound, but of another version
  Type,
  Flags,        // one that this version does not know
  Fragment,     // index not below count, or more than a message may have
  Descriptors,  // where there must be none, or not as many as it says
  Cut,          // the kernel could not deliver all of it
};
const char* describe(Damage damage) noexcept;
inline constexpr std::size_t damages = 11;

struct Frame {
  Damage damage = Damage::None;
  Header header;             // unless damaged
  std::string_view payload;  // within the packet
};
Frame decode(std::string_view packet) noexcept;

}  // namespace ocelot::control
