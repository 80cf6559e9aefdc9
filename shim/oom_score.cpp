#include "shim/oom_score.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::shim {
namespace {

constexpr const char* file_name = "/proc/self/oom_score_adj";

}  // namespace

void OomScore::set(int value) {
  before_ = trim(read_file(AT_FDCWD, file_name));
  const UniqueFd file = sys::open(AT_FDCWD, file_name, O_WRONLY);
  const int error_number = sys::try_write_value(file.get(), fmt::format("{}", value));
  if (error_number == 0) return;
  Error error{ErrorKind::Failed,
              fmt::format("--shim-oom-score-adj: write {} to {}", value, file_name), error_number};
  if (error_number == EACCES || error_number == EPERM) {
    throw std::move(error).with_hint(
        fmt::format("below {}, which the caller has, the kernel wants CAP_SYS_RESOURCE", *before_));
  }
  throw error;
}

void OomScore::restore() const {
  if (before_) write_value(AT_FDCWD, file_name, *before_);
}

}  // namespace ocelot::shim
