#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/default_path.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

// 0 when this process could execute `path`, else why not.
int try_executable(const std::string& path) {
  if (const int error_number = sys::try_access(path, X_OK)) return error_number;
  const auto facts = sys::stat_following(path);
  if (!facts) return ENOENT;
  return S_ISREG(facts->st_mode) ? 0 : EACCES;
}

[[noreturn]] void refuse(const std::string& name, int error_number) {
  throw Error::relayed(ErrorKind::InvalidSpec, error_number,
                       fmt::format("exec: \"{}\": {}", name, reason(error_number)),
                       error_number == ENOENT
                           ? "process.args[0] is looked up inside the container's rootfs"
                           : "process.args[0] must be a file with execute permission for "
                             "process.user");
}

}  // namespace

std::string find_executable(const ProcessPlan& plan) {
  const std::string& name = plan.args.front();
  if (name.empty())
    throw Error{ErrorKind::InvalidSpec, "exec: \"\": executable file not found in $PATH"}.with_hint(
        "process.args begins with the name of a program");
  if (name.find('/') != std::string::npos) {
    if (const int error_number = try_executable(name)) refuse(name, error_number);
    return name;
  }
  std::string search = default_path;
  for (const std::string& variable : plan.env) {
    if (variable.starts_with("PATH=")) search = variable.substr(5);
  }
  int refusal = 0;
  for (const std::string_view directory : split(search, ':')) {
    const std::string path = fmt::format("{}/{}", directory.empty() ? "." : directory, name);
    const int error_number = try_executable(path);
    if (error_number == 0) return path;
    if (error_number == EACCES && sys::stat_following(path)) refusal = EACCES;
  }
  if (refusal != 0) refuse(name, refusal);
  throw Error{ErrorKind::InvalidSpec,
              fmt::format("exec: \"{}\": executable file not found in $PATH", name)}
      .with_hint(fmt::format("looked in {}", search));
}

}  // namespace ocelot
