#include "shim/shim_options.hpp"

#include <fmt/format.h>

#include "oci/annotations.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"
#include "shim/members.hpp"
#include "shim/oom_score.hpp"
#include "shim/shim_cgroup.hpp"

namespace ocelot::shim {
namespace {

using namespace cli::option;

// The smallest packet fits twice, and the largest buffer is as much as is queued here for one peer.
constexpr unsigned least_socket_buffer = 4096, most_socket_buffer = 8 * 1024 * 1024;

// The shim leaves the directory that it was started in.
std::string absolute(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  return sys::current_directory() + '/' + std::string(path);
}

template <typename Integer>
Integer number_within(const cli::Arguments& arguments, const cli::Option& option, Integer least,
                      Integer most) {
  const auto value = parse_integer<Integer>(arguments.text(option));
  if (value && *value >= least && *value <= most) return *value;
  throw Error{ErrorKind::InvalidArgument,
              fmt::format("--{}: \"{}\" is no whole number from {} to {}", option.name,
                          printable(arguments.text(option)), least, most)};
}

std::optional<LogOptions> log_options(const cli::Arguments& arguments) {
  const std::string_view path = arguments.text(output_log);
  if (path.empty()) return std::nullopt;
  LogOptions log;
  log.file.path = absolute(path);
  log.file.max_size = arguments.number(output_log_size);
  constexpr unsigned usual_files = 2;
  const unsigned files = arguments.number(output_log_files);
  log.file.max_files = files != 0 ? files : usual_files;
  log.format = log_format_named(arguments.text(output_log_format));
  log.rate = arguments.number(output_log_rate);
  return log;
}

}  // namespace

ShimOptions shim_options(const cli::Arguments& arguments) {
  ShimOptions options{.channel = arguments.has(channel),
                      .keep_terminal = arguments.has(keep_terminal),
                      .keep_stdin = arguments.has(open_stdin)};
  options.operators = fmt::format("{}", fmt::join(arguments.all(operators), ","));
  options.observers = fmt::format("{}", fmt::join(arguments.all(observers), ","));
  static_cast<void>(members_of(options, {}));
  if (arguments.given(shim_oom_score_adj)) {
    options.oom_score_adj =
        number_within(arguments, shim_oom_score_adj, OomScore::least, OomScore::most);
  }
  options.cgroup = arguments.text(shim_cgroup);
  if (arguments.given(shim_cgroup)) ShimCgroup::check(options.cgroup);
  if (arguments.given(socket_buffer)) {
    options.socket_buffer =
        number_within(arguments, socket_buffer, least_socket_buffer, most_socket_buffer);
  }
  options.stdio.log = log_options(arguments);
  if (!arguments.text(replay).empty()) options.stdio.replay = arguments.number(replay);
  return options;
}

ShimOptions adopted_options(ShimOptions options, const cli::Arguments& arguments) {
  const auto replace = [&](const cli::Option& option, std::string& list) {
    if (arguments.given(option)) list = fmt::format("{}", fmt::join(arguments.all(option), ","));
  };
  replace(new_operators, options.operators);
  replace(new_observers, options.observers);
  static_cast<void>(members_of(options, {}));
  return options;
}

control::Authority::Members members_of(const ShimOptions& options, const Annotations& annotations) {
  control::Authority::Members members{.owner = sys::effective_uid()};
  add_operators(members, options.operators, "--operator");
  add_observers(members, options.observers, "--observer");
  if (const std::string* named = find_annotation(annotations, observer_annotation))
    add_observers(members, *named, std::string(observer_annotation));
  return members;
}

}  // namespace ocelot::shim
