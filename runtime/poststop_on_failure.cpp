#include "runtime/poststop_on_failure.hpp"

#include "hooks/hooks.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"

namespace ocelot {

PoststopOnFailure::~PoststopOnFailure() {
  if (!armed_) return;
  try {
    hooks::run_all(record_.poststop, "poststop", record_.state(oci::Status::stopped),
                   [](const std::string& text) { log::debug(text); });
  } catch (const Error& error) {
    log::debug(error.what());
  }
}

}  // namespace ocelot
