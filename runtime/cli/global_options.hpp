#pragma once
#include "runtime/cli/arguments.hpp"
#include "runtime/options.hpp"

namespace ocelot::cli {

// Opens the log as --log, --log-format, --log-level and --debug say. Throws nothing: see
// runtime/base/log.hpp.
void open_log(const Arguments& arguments);

// The options before the command's name. Where --root is not given and the user is unprivileged,
// the default root is made.
GlobalOptions global_options(const Arguments& arguments);

// An absolute path without empty, "." and ".." parts. Throws Error for the root directory itself.
std::string absolute_root(std::string_view root);

}  // namespace ocelot::cli
