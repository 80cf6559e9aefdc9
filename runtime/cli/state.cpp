#include <unistd.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/cli/state_json.hpp"
#include "runtime/store.hpp"

namespace ocelot::cli {

namespace {

// An observer cannot read what is kept of a container, and asks its shim.
std::string document(const GlobalOptions& global, const std::string& id) {
  if (Store::is_foreign(global.root)) {
    if (auto shim = Shim::of(global, id)) return shim->ask(R"({"operation":"state"})").document;
  }
  return state_json(ocelot::state(global, id));
}

}  // namespace

int state(const GlobalOptions& global, const Arguments& arguments) {
  sys::write_all(STDOUT_FILENO, document(global, std::string(arguments.operands().front())));
  return 0;
}

}  // namespace ocelot::cli
