#pragma once
#include <string>

#include "oci/annotations.hpp"
#include "runtime/base/fd.hpp"

namespace ocelot::hooks {

// Where hooks write. A stream without a file goes to the runtime, which keeps the end of it for the
// error of a hook that fails.
struct OutputFiles {
  UniqueFd standard_output, standard_error;
};

// Opens the files that `annotations` name, to append to them; one that is missing is made, for its
// owner alone.
//
// Throws Error naming the annotation for anything but a regular file: a FIFO would hold the runtime
// up, opening a device may do something, and a symbolic link may have been put there by somebody
// else.
OutputFiles open_output_files(const Annotations& annotations);

}  // namespace ocelot::hooks
