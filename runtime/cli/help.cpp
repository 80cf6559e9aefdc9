#include <unistd.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/help_text.hpp"

namespace ocelot::cli {

int help(const GlobalOptions&, const Arguments& arguments) {
  const auto& operands = arguments.operands();
  sys::write_all(STDOUT_FILENO,
                 help_of(operands.empty() ? program : command_named(operands.front())));
  return 0;
}

}  // namespace ocelot::cli
