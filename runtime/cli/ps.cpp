#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/base/default_path.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/foreign.hpp"
#include "runtime/cli/ps_lines.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

// Engines call with an environment that may have no PATH.
std::string path_of_ps() {
  const char* path = std::getenv("PATH");
  for (const std::string_view directory : split(path == nullptr ? default_path : path, ':')) {
    std::string file = fmt::format("{}/ps", directory.empty() ? "." : directory);
    if (sys::try_access(file, X_OK) == 0) return file;
  }
  throw Error{ErrorKind::Unsupported, "ps: executable file not found in $PATH"}.with_hint(
      "install procps, or use --format json, which needs no other program");
}

// What ps(1) says, on both of its streams.
std::string output_of_ps(std::vector<std::string> arguments) {
  const std::string file = path_of_ps();
  arguments.insert(arguments.begin(), "ps");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  sys::Pipe pipe = sys::pipe();
  ChildProcess child = spawn(
      "ps", {},
      [&]() -> int {
        sys::duplicate_to(pipe.write_end.get(), STDOUT_FILENO);
        sys::duplicate_to(pipe.write_end.get(), STDERR_FILENO);
        sys::close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
        sys::fail(sys::execute(file.c_str(), pointers.data(), ::environ), "exec " + file);
      },
      [](const Error& error) { sys::try_write(STDERR_FILENO, error.what()); });
  pipe.write_end.reset();
  std::string output = sys::read_all(pipe.read_end.get());
  const ExitStatus status = child.wait();
  if (!status.success()) {
    throw Error{ErrorKind::Failed,
                fmt::format("ps: {}: {}", status.describe(), printable(trim(output)))};
  }
  return output;
}

std::vector<pid_t> processes_of(const GlobalOptions& global, const std::string& id) {
  if (auto shim = foreign_shim(global, id)) {
    const auto answer = shim->ask(R"({"operation":"ps"})");
    return nlohmann::json::parse(answer.document).at("pids");
  }
  return processes(global, id);
}

}  // namespace

int ps(const GlobalOptions& global, const Arguments& arguments) {
  const auto& operands = arguments.operands();
  const std::vector<pid_t> pids = processes_of(global, std::string(operands.front()));
  if (arguments.text(option::table_format) == "json") {
    sys::write_all(STDOUT_FILENO, fmt::format("[{}]\n", fmt::join(pids, ",")));
    return 0;
  }
  std::vector<std::string> words(operands.begin() + 1, operands.end());
  if (words.empty()) words.push_back("-ef");
  sys::write_all(STDOUT_FILENO, lines_of(output_of_ps(std::move(words)), pids));
  return 0;
}

}  // namespace ocelot::cli
