#include "runtime/cli/create_options.hpp"

namespace ocelot::cli {

CreateOptions create_options(const Arguments& arguments) {
  CreateOptions options;
  if (!arguments.operands().empty()) options.id = arguments.operands().front();
  if (const std::string_view bundle = arguments.text(option::bundle); !bundle.empty())
    options.bundle = bundle;
  options.config = arguments.text(option::config);
  options.console_socket = arguments.text(option::console_socket);
  options.pidfd_socket = arguments.text(option::pidfd_socket);
  options.pid_file = arguments.text(option::pid_file);
  options.trace = arguments.text(option::trace);
  options.no_pivot = arguments.has(option::no_pivot);
  options.no_new_keyring = arguments.has(option::no_new_keyring);
  options.preserve_fds = arguments.number(option::preserve_fds);
  options.detach = arguments.has(option::detach);
  options.keep = arguments.has(option::keep);
  options.no_subreaper = arguments.has(option::no_subreaper);
  return options;
}

OutputFormat output_format(const Arguments& arguments) {
  return arguments.text(option::format) == "json" ? OutputFormat::json : OutputFormat::text;
}

}  // namespace ocelot::cli
