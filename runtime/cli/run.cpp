#include <optional>

#include "runtime/base/log.hpp"
#include "runtime/cli/attachment.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

constexpr const char* remove_request = R"({"operation":"delete","force":true})";

void remove_quietly(Shim& shim) {
  try {
    shim.ask(remove_request);
  } catch (const Error& error) {
    log::debug(error.what());  // the failure that led here is the one to tell
  }
}

// The shim has made the container: attached before its process is released, so that nothing of its
// output is missed.
int run_with_shim(const GlobalOptions& global, const Arguments& arguments) {
  const CreateOptions options = create_options(arguments);
  if (options.detach) return 0;
  Shim shim = Shim::needed(global, options.id);
  std::optional<Attachment> attachment;
  try {
    attachment.emplace(
        shim, Attachment::Options{.input = arguments.has(option::open_stdin), .once = true});
    shim.ask(R"({"operation":"start"})");
  } catch (const Error&) {
    remove_quietly(shim);
    throw;
  }
  if (attachment->stay() == Attachment::End::detached) return 0;
  const int status = exit_status(shim).shell_status();
  if (!options.keep) shim.ask(remove_request);
  return status;
}

}  // namespace

int run(const GlobalOptions& global, const Arguments& arguments) {
  if (arguments.has(option::shim)) return run_with_shim(global, arguments);
  return ocelot::run(global, create_options(arguments));
}

}  // namespace ocelot::cli
