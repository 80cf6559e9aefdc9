#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/cli/shim.hpp"

namespace ocelot::cli {
namespace {

std::vector<UniqueFd> named_descriptors(const Arguments& arguments) {
  std::vector<UniqueFd> fds;
  for (const std::string& text : arguments.all(option::channel_fd)) {
    const auto number = parse_integer<int>(text);
    if (!number || *number < 0 || !sys::is_open(*number))
      throw Error{ErrorKind::InvalidArgument, fmt::format("--fd {}: not open", text)};
    fds.push_back(sys::duplicate(*number));
  }
  return fds;
}

// Of a container that is not trusted: a pipe might never end, and a device do anything.
void print_content(const UniqueFd& fd) {
  const struct stat status = sys::stat(fd.get());
  if (!S_ISREG(status.st_mode))
    throw Error{ErrorKind::Failed, "the container sent a descriptor that is no regular file"};
  // Opened anew, to begin at its beginning.
  const UniqueFd file =
      sys::open(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd.get()), O_RDONLY | O_NONBLOCK);
  sys::write_all(STDOUT_FILENO, sys::read_all(file.get()));
}

}  // namespace

int channel(const GlobalOptions& global, const Arguments& arguments) {
  std::vector<UniqueFd> fds = named_descriptors(arguments);
  Shim shim = Shim::needed(global, std::string(arguments.operands().front()));
  nlohmann::json request{{"operation", "channel"}};
  if (arguments.operands().size() > 1) request["send"] = arguments.operands()[1];
  if (arguments.given(option::timeout_ms))
    request["timeout_ms"] = arguments.number(option::timeout_ms);
  const auto answer = shim.ask(
      request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), std::move(fds));
  if (output_format(arguments) == OutputFormat::json) {
    sys::write_all(STDOUT_FILENO, answer.document + '\n');
  } else {
    const auto document = nlohmann::json::parse(answer.document);
    sys::write_all(STDOUT_FILENO, document.at("received").get<std::string>() + '\n');
  }
  if (arguments.has(option::read_fds))
    for (const UniqueFd& fd : answer.fds) print_content(fd);
  return 0;
}

}  // namespace ocelot::cli
