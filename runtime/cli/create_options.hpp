#pragma once
#include "runtime/cli/arguments.hpp"
#include "runtime/options.hpp"

namespace ocelot::cli {

// The options of `create` and `run`, and the few of them that `check` and `plan` take too. Throws
// UsageError.
CreateOptions create_options(const Arguments& arguments);

// The first descriptor that is not the container's: after 0 to 2 come those of $LISTEN_FDS, then
// those of --preserve-fds. What this program opens before it has looked which of them are open must
// not be among them.
int first_free_descriptor(const CreateOptions& options);

enum class OutputFormat { text, json };
OutputFormat output_format(const Arguments& arguments);

}  // namespace ocelot::cli
