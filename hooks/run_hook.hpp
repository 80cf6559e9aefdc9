#pragma once
#include <string>

#include "hooks/output_files.hpp"
#include "oci/spec.hpp"

namespace ocelot::hooks {

// Runs one hook with `input` on its standard input and waits for it; see run_until_failure, whose
// errors it throws without saying which hook it was.
//
// It is a session of its own with the default signal dispositions, none blocked, and no descriptor
// beyond 0, 1 and 2.
void run_hook(const oci::Hook& hook, const std::string& input, const std::string& bundle,
              const OutputFiles& files);

}  // namespace ocelot::hooks
