#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

void make_working_directory(const Root& root, const std::string& cwd) {
  if (cwd == "/") return;
  Context at{[&] { return fmt::format("mkdir cwd {}", cwd); }};
  if (!root.find(cwd)) root.make_directory(cwd);
}

bool enter_working_directory(const std::string& cwd, Attempt attempt) {
  Context at{[&] { return fmt::format("chdir to cwd (\"{}\") set in config.json failed", cwd); },
             text("process.cwd")};
  if (const int error_number = sys::try_change_directory(cwd)) {
    if (attempt == Attempt::first && error_number == EACCES) return false;
    sys::fail(error_number, "chdir");
  }
  // "(unreachable)/..." is what the kernel says of a directory that the root does not contain.
  if (!sys::current_directory().starts_with('/')) {
    throw Error{ErrorKind::InvalidSpec, "the directory lies outside the container's root"}
        .with_hint("process.cwd must name a directory of the rootfs");
  }
  return true;
}

}  // namespace ocelot
