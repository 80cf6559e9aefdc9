#include "runtime/last_oom_kills.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>

#include <cstring>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

constexpr const char* file_name = "oom_kills";

}  // namespace

LastOomKills::LastOomKills(int directory) {
  int error_number = 0;
  file_ = sys::try_openat2(directory, file_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                           RESOLVE_NO_SYMLINKS, error_number, 0600);
  // Without it, as when the container is deleted at this very moment, the last kills are not told.
  if (!file_ && error_number != ENOENT)
    log::debug(fmt::format("openat {}: {}", file_name, std::strerror(error_number)));
}

std::optional<std::uint64_t> LastOomKills::read() const {
  if (!file_) return std::nullopt;
  sys::seek(file_.get(), 0);
  return parse_integer<std::uint64_t>(sys::read_all(file_.get()));
}

void leave_oom_kills(int directory, const cgroups::Driver& cgroup) {
  try {
    const auto file = sys::open_if_exists(directory, file_name, O_WRONLY | O_NOFOLLOW);
    if (!file) return;
    if (const auto kills = cgroup.oom_kills()) sys::write_all(file->get(), std::to_string(*kills));
  } catch (const Error& error) {
    log::debug(error.what());  // a full file system must not keep the container
  }
}

}  // namespace ocelot
