#pragma once
#include <cstdint>
#include <string_view>

namespace ocelot {

// CRC-32C (Castagnoli, as in iSCSI: RFC 3720, appendix B.4) of `bytes`; finds every burst of up to
// 32 wrong bits. `before` is the result for the bytes that come before these.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace ocelot
