#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "oci/spec.hpp"
#include "oci/violation.hpp"

namespace ocelot::oci {

struct ReadSpec {
  Spec spec;
  Violations violations;  // wrong types, ranges and words, by JSON path; what was wrong is left at
                          // its default in `spec`
  std::vector<std::string> unknown;  // members that are ignored, by JSON path
};

// Reads a config.json. Throws Error{InvalidSpec} when the text is no JSON document that can be read
// at all: malformed (with line and column), duplicate keys, invalid UTF-8, deeper than 64 levels,
// larger than 16 MiB, not one object. Unknown members are ignored; `null` is the same as absent.
ReadSpec read_spec(std::string_view text);

// The same for the `process` object alone (`exec --process`) and the `linux.resources` object alone
// (`update --resources`).
struct ReadProcess {
  Process process;
  Violations violations;
  std::vector<std::string> unknown;
};
ReadProcess read_process(std::string_view text);
struct ReadResources {
  Resources resources;
  Violations violations;
  std::vector<std::string> unknown;
};
ReadResources read_resources(std::string_view text);

// And for an array as `mounts` (`mounts add`).
struct ReadMounts {
  std::vector<Mount> mounts;
  Violations violations;
  std::vector<std::string> unknown;
};
ReadMounts read_mounts(std::string_view text);

}  // namespace ocelot::oci
