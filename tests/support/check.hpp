#pragma once

#include <string>

namespace ocelot::test {

// Throws std::runtime_error "what: strerror" if `result` is -1; else returns it.
int checked(int result, const std::string& what);

// The content of `path`; throws if it cannot be read.
std::string read_file(const std::string& path);

// Makes or replaces `path`.
void write_file(const std::string& path, const std::string& content);

}  // namespace ocelot::test
