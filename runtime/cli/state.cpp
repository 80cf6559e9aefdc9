#include <unistd.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/state_json.hpp"

namespace ocelot::cli {

int state(const GlobalOptions& global, const Arguments& arguments) {
  sys::write_all(STDOUT_FILENO,
                 state_json(ocelot::state(global, std::string(arguments.operands().front()))));
  return 0;
}

}  // namespace ocelot::cli
