#include <fmt/core.h>

#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/exec_with_shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

// A number and nothing else: never a name that the container's /etc/passwd could give a meaning.
std::uint32_t parse_id(const Option& option, std::string_view word) {
  const auto id = parse_integer<std::uint32_t>(word);
  if (!id) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("invalid value \"{}\" for option --{}: must be a number from 0 to "
                            "4294967294",
                            printable(word), option.name)}
        .with_hint(
            "names are not looked up: write the number, as /etc/passwd and /etc/group of the "
            "container have it");
  }
  return *id;
}

void parse_user(std::string_view word, ExecOptions& options) {
  if (word.empty()) return;
  const std::size_t colon = word.find(':');
  options.uid = parse_id(option::user, word.substr(0, colon));
  if (colon != std::string_view::npos) options.gid = parse_id(option::user, word.substr(colon + 1));
}

ExecOptions exec_options(const Arguments& arguments) {
  const auto& operands = arguments.operands();
  ExecOptions options;
  options.id = operands.front();
  options.args.assign(operands.begin() + 1, operands.end());
  options.process_file = arguments.text(option::process);
  options.cwd = arguments.text(option::cwd);
  options.env = arguments.all(option::env);
  parse_user(arguments.text(option::user), options);
  for (const std::string& gid : arguments.all(option::additional_gids))
    options.additional_gids.push_back(parse_id(option::additional_gids, gid));
  options.capabilities = arguments.all(option::cap);
  options.apparmor_profile = arguments.text(option::apparmor);
  options.selinux_label = arguments.text(option::process_label);
  options.tty = arguments.has(option::tty);
  options.no_new_privileges = arguments.has(option::no_new_privs);
  options.cgroups = arguments.all(option::cgroup);
  options.console_socket = arguments.text(option::console_socket);
  options.pidfd_socket = arguments.text(option::pidfd_socket);
  options.pid_file = arguments.text(option::pid_file);
  options.preserve_fds = arguments.number(option::preserve_fds);
  options.detach = arguments.has(option::detach);
  options.ignore_paused = arguments.has(option::ignore_paused);
  return options;
}

KeptByShim kept_by_shim(const Arguments& arguments) {
  KeptByShim kept{.name = std::string(arguments.text(option::exec_name)),
                  .streams = arguments.has(option::attachable),
                  .stdin_open = arguments.has(option::exec_stdin)};
  if (kept.streams && arguments.given(option::console_socket)) {
    throw Error{ErrorKind::InvalidArgument, "cannot use console socket with --attachable"}
        .with_hint("the shim keeps the streams: leave --console-socket out, and use attach");
  }
  return kept;
}

}  // namespace

int exec(const GlobalOptions& global, const Arguments& arguments) {
  const ExecOptions options = exec_options(arguments);
  const KeptByShim kept = kept_by_shim(arguments);
  if (kept.streams || !kept.name.empty()) {
    Shim shim = Shim::needed(global, options.id);
    return exec_with_shim(shim, options, kept);
  }
  if (auto shim = Shim::of(global, options.id)) return exec_with_shim(*shim, options, kept);
  return ocelot::exec(global, options);
}

}  // namespace ocelot::cli
