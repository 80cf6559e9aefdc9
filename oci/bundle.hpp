#pragma once
#include <string>
#include <vector>

#include "oci/host_facts.hpp"
#include "oci/spec.hpp"
#include "oci/violation.hpp"
#include "runtime/base/fd.hpp"

namespace ocelot::oci {

// A bundle as it was at one moment: the directory and config.json are opened once, and the text is
// read and parsed once.
struct Bundle {
  std::string path;  // absolute
  UniqueFd directory;
  std::string config_text;  // the bytes that were parsed
  Spec spec;
  Violations violations;             // of reading
  std::vector<std::string> unknown;  // members that are ignored, by JSON path
};

// `directory` may be relative to the working directory. With `config_override` that file is read
// instead of the bundle's config.json; a relative one is relative to the working directory.
//
// Throws Error{InvalidSpec} for a configuration that is missing, no regular file, larger than 16
// MiB or no JSON document.
Bundle open_bundle(const std::string& directory, const std::string& config_override = "");

// All that reading and validate() find, each thing once.
Violations violations_of(const Bundle& bundle, const HostFacts& host);

}  // namespace ocelot::oci
