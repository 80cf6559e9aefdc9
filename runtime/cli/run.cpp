#include "runtime/cli/attachment.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

// The shim has made the container: attached before its process is released, so that nothing of its
// output is missed.
int run_with_shim(const GlobalOptions& global, const Arguments& arguments) {
  const CreateOptions options = create_options(arguments);
  if (options.detach) return 0;
  Shim shim = Shim::needed(global, options.id);
  Attachment attachment{shim, {.input = arguments.has(option::open_stdin), .once = true}};
  const std::string remove = R"({"operation":"delete","force":true})";
  try {
    shim.ask(R"({"operation":"start"})");
  } catch (const Error&) {
    shim.ask(remove);
    throw;
  }
  if (attachment.stay() == Attachment::End::detached) return 0;
  const int status = exit_status(shim);
  if (!options.keep) shim.ask(remove);
  return status;
}

}  // namespace

int run(const GlobalOptions& global, const Arguments& arguments) {
  if (arguments.has(option::shim)) return run_with_shim(global, arguments);
  return ocelot::run(global, create_options(arguments));
}

}  // namespace ocelot::cli
