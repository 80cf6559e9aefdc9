#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "oci/seccomp.hpp"
#include "runtime/plan/seccomp.hpp"

// What the seccomp cache holds: a program behind all that it was made from.
namespace ocelot {

// Every byte that the program depends on, unambiguously: two profiles have the same key only if
// they are equal.
std::string cache_key(const oci::Seccomp& profile);

// FNV-1a, 64 bits. Names entries and shows damage; that nobody made an entry up, its owner and its
// directory show.
std::uint64_t fingerprint(std::string_view bytes);

std::string to_entry(std::string_view key, const SeccompProgram& program);
// nullopt unless `entry` is whole and was made from exactly `key`.
std::optional<SeccompProgram> from_entry(std::string_view entry, std::string_view key);

}  // namespace ocelot
