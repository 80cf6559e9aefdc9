#pragma once
#include <functional>
#include <span>
#include <string>

#include "hooks/output_files.hpp"
#include "oci/spec.hpp"
#include "oci/state.hpp"

namespace ocelot::hooks {

// Runs `hooks` (the list config.json calls `/hooks/<kind>`) in order, each with `state` as JSON on
// its standard input, in the namespaces of the calling process, and waits for each.
//
// A hook inherits the caller's environment unless it lists its own; its working directory is the
// bundle where that can be reached, else `/`. One that outlives its timeout (seconds; none means
// for ever) is killed with SIGKILL, with whatever it started in its process group. Throws Error at
// the first hook that cannot be run, exits non-zero, dies by a signal or times out, naming its JSON
// path, its path and how it ended, with the tail of what it wrote; the hooks after it are not run,
// what the earlier ones did is not undone. What they write goes to `output`.
//
// Spec: config.md#posix-platform-hooks
void run_until_failure(std::span<const oci::Hook> hooks, const std::string& kind,
                       const oci::State& state, const OutputFiles& output);
// The same where the files that the annotations of `state` name are within reach.
void run_until_failure(std::span<const oci::Hook> hooks, const std::string& kind,
                       const oci::State& state);

// Runs all `hooks` whatever happens to any of them, or to the files that they are to write to; each
// failure is given to `warn`. For poststop.
void run_all(std::span<const oci::Hook> hooks, const std::string& kind, const oci::State& state,
             const std::function<void(const std::string&)>& warn);

}  // namespace ocelot::hooks
