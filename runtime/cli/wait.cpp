#include <fmt/core.h>
#include <unistd.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/cli/shim.hpp"

namespace ocelot::cli {

int wait(const GlobalOptions& global, const Arguments& arguments) {
  Shim shim = Shim::needed(global, std::string(arguments.operands().front()));
  const std::string process{arguments.text(option::of_process)};
  const std::string text = output_format(arguments) == OutputFormat::json
                               ? exit_document(shim, process)
                               : fmt::format("{}", exit_status(shim, process).shell_status());
  sys::write_all(STDOUT_FILENO, text + '\n');
  return 0;
}

}  // namespace ocelot::cli
