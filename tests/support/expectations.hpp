#pragma once

#include <map>
#include <string>

namespace ocelot::test {

// What the files tests/expected_failures.txt and tests/expected_skips.txt say: one test a line, as
// "suite/test", then blanks and the reason. "#" starts a comment line.
using Reasons = std::map<std::string, std::string>;

// Throws if a line has no reason or names a test twice.
Reasons read_reasons(const std::string& path);

}  // namespace ocelot::test
