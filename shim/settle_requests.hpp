#pragma once
#include "shim/control/effects.hpp"
#include "shim/sandbox.hpp"

namespace ocelot::shim {

// Requests that were begun by a shim which ended before it had an answer. What the container shows
// is their answer; one that it shows not to have happened may be made again. The others stay as
// begun: whoever repeats them is told that what came of them is not known.
//
// The caller holds the container's lock, so that none is still being worked on.
void settle_requests(const Sandbox& sandbox, control::Effects& effects,
                     control::EffectRecord& record);

}  // namespace ocelot::shim
