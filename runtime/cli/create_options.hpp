#pragma once
#include "runtime/cli/arguments.hpp"
#include "runtime/options.hpp"

namespace ocelot::cli {

// The options of `create` and `run`, and the few of them that `check` and `plan` take too. Throws
// UsageError.
CreateOptions create_options(const Arguments& arguments);

enum class OutputFormat { text, json };
OutputFormat output_format(const Arguments& arguments);

}  // namespace ocelot::cli
