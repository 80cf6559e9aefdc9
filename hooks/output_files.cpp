#include "hooks/output_files.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "oci/annotations.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::hooks {
namespace {

void check_regular(const struct stat& facts) {
  if (S_ISREG(facts.st_mode)) return;
  throw Error{ErrorKind::InvalidArgument, "is not a regular file"}.with_hint(
      "write the path of a file to append to, which is made when it is missing");
}

UniqueFd open_to_append(const std::string& path) {
  if (const auto there = sys::stat_if_exists(AT_FDCWD, path)) check_regular(*there);
  // Something else may have taken its place meanwhile.
  UniqueFd file = sys::open(
      AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  check_regular(sys::stat(file.get()));
  sys::set_nonblocking(file.get(), false);
  return file;
}

UniqueFd open_named(const Annotations& annotations, const char* key) {
  const std::string* named = find_annotation(annotations, key);
  if (named == nullptr) return UniqueFd{};
  Context at{[&] { return fmt::format("annotation {} {}", key, printable(*named)); }};
  return open_to_append(*named);
}

}  // namespace

OutputFiles open_output_files(const Annotations& annotations) {
  return {open_named(annotations, hooks_stdout_annotation),
          open_named(annotations, hooks_stderr_annotation)};
}

}  // namespace ocelot::hooks
