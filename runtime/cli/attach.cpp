#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/attachment.hpp"
#include "runtime/cli/commands.hpp"

namespace ocelot::cli {

// As run does, when the process has ended it exits with its status.
int attach(const GlobalOptions& global, const Arguments& arguments) {
  Shim shim = Shim::needed(global, std::string(arguments.operands().front()));
  Attachment::Options options{.input = !arguments.has(option::no_stdin),
                              .replay = !arguments.has(option::no_replay),
                              .process = std::string(arguments.text(option::of_process))};
  if (arguments.given(option::detach_keys))
    options.detach_keys = arguments.text(option::detach_keys);
  if (Attachment{shim, options}.stay() == Attachment::End::detached) return 0;
  return exit_status(shim, options.process).shell_status();
}

}  // namespace ocelot::cli
