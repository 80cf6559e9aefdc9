#include <fmt/core.h>

#include "oci/state.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/commit.hpp"
#include "runtime/plan/seccomp.hpp"

namespace ocelot::cli {

// The word "version" is on the first line alone: callers take the last line that has it for the
// version, and match "runc version ".
std::string version(std::string_view program_name) {
  return fmt::format(
      "{} version {}\n"
      "commit: {}\n"
      "spec: {}\n"
      "libseccomp: {}\n"
      "libcap: {}\n"
      "nlohmann-json: {}\n"
      "fmt: {}\n",
      program_name, OCELOT_VERSION, OCELOT_COMMIT, oci::spec_version, libseccomp_version(),
      OCELOT_LIBCAP_VERSION, OCELOT_NLOHMANN_JSON_VERSION, OCELOT_FMT_VERSION);
}

}  // namespace ocelot::cli
