#pragma once

#include <string>
#include <vector>

#include "tests/support/bundle.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {

// Checks that `create` of the bundle fails with status 1, says why, and leaves nothing behind: no
// state, mount, cgroup or process. ocelot's words must contain `place`, which is where the fault is
// (a JSON path, a file); a reference's words are its own. Returns what went to standard error.
std::string check_refused(Runtime& runtime, const Bundle& bundle, const std::string& place = {},
                          const std::vector<std::string>& flags = {});

// The same for a bundle whose config.json is not to be written.
std::string check_refused(Runtime& runtime, const std::string& bundle_path,
                          const std::string& place = {});

// Checks that `output` failed with status 1 and that its standard error contains `words`.
void check_error(const Output& output, const std::string& words);

bool contains(const std::string& text, const std::string& part);

}  // namespace ocelot::test
