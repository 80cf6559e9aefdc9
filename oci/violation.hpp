#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ocelot::oci {

// One thing that is wrong with a config.json.
struct Violation {
  std::string path;      // JSON pointer, "/mounts/3/destination"
  std::string rule;      // a short stable name, "mount-destination-absolute"
  std::string message;   // what is wrong and, where it helps, what to write instead
  std::string spec;      // section of the runtime specification, "config.md#mounts"
  bool warning = false;  // reported, but no reason to refuse
  bool operator==(const Violation&) const = default;
};

using Violations = std::vector<Violation>;

// A key as one part of a JSON pointer (RFC 6901), with its slash before it.
std::string json_pointer_part(std::string_view key);

// Of a document with more mistakes the first of them are told.
inline constexpr std::size_t max_violations = 1000;

}  // namespace ocelot::oci
