#include "runtime/cli/launch_shim.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/companion.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/channel.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/inherited_fds.hpp"

namespace ocelot::cli {
namespace {

constexpr const char* name = "ocelot-shim";

// Socket activation names the process that the descriptors are for: it is another one now.
std::vector<std::string> environment_of(pid_t pid) {
  std::vector<std::string> variables;
  const std::string ours = fmt::format("LISTEN_PID={}", sys::parent_process_id());
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable == ours ? fmt::format("LISTEN_PID={}", pid) : *variable);
  }
  return variables;
}

int become_shim(std::span<char* const> argv, int report, unsigned inherited) {
  sys::duplicate_to(report, STDIN_FILENO);
  sys::close_range(3 + inherited, ~0U, CLOSE_RANGE_CLOEXEC);
  std::vector<std::string> environment = environment_of(sys::process_id());
  std::vector<char*> envp;
  for (std::string& variable : environment) envp.push_back(variable.data());
  envp.push_back(nullptr);
  std::vector<char*> words(argv.begin(), argv.end());
  words.push_back(nullptr);

  int error_number = ENOENT;
  std::vector<std::string> programs = companion_paths(name);
  for (std::string& program : programs) {
    words.front() = program.data();  // it has companions of its own, beside it
    error_number = sys::execute(program.c_str(), words.data(), envp.data());
    if (error_number != ENOENT) break;
  }
  throw Error{ErrorKind::Unsupported, fmt::format("cannot execute {}", name), error_number}
      .with_hint(fmt::format("it is looked for as {}", fmt::join(programs, " and ")));
}

}  // namespace

UniqueFd open_shim_program() {
  const std::vector<std::string> paths = companion_paths(name);
  if (auto nearest = sys::open_if_exists(AT_FDCWD, paths.front(), O_RDONLY))
    return std::move(*nearest);
  return sys::open(AT_FDCWD, paths.back(), O_RDONLY);
}

bool is_for_a_new_shim(const Command& command, const Arguments& arguments) {
  return arguments.has(option::shim) ||
         (command.name == "shim" && arguments.operands().front() == "adopt");
}

void launch_shim(std::span<char* const> argv, const Arguments& arguments) {
  unsigned inherited = 0;
  if (arguments.has(option::shim))
    inherited =
        sum_of_inherited(listen_fds_of_caller().count, create_options(arguments).preserve_fds);
  SocketPair pair = socket_pair();
  Channel report{std::move(pair.ours)};
  ChildProcess shim = spawn(
      name, {}, [&] { return become_shim(argv, pair.theirs.get(), inherited); },
      [&](const Error& error) { Channel{std::move(pair.theirs)}.tell_failure(error); });
  pair.theirs.reset();
  if (!report.receive(Step::done)) {
    throw Error{ErrorKind::Failed, fmt::format("the shim ended with {}", shim.wait().describe())};
  }
  // It lives on by itself.
  static_cast<void>(shim.release());
}

}  // namespace ocelot::cli
