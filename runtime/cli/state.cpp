#include <unistd.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/foreign.hpp"
#include "runtime/cli/state_json.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

std::string document(const GlobalOptions& global, const std::string& id) {
  if (auto shim = foreign_shim(global, id)) return shim->ask(R"({"operation":"state"})").document;
  return state_json(ocelot::state(global, id));
}

}  // namespace

int state(const GlobalOptions& global, const Arguments& arguments) {
  sys::write_all(STDOUT_FILENO, document(global, std::string(arguments.operands().front())));
  return 0;
}

}  // namespace ocelot::cli
