#include <fcntl.h>
#include <sys/sysmacros.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

bool is_null_device(const struct stat& facts) {
  return S_ISCHR(facts.st_mode) && facts.st_rdev == makedev(1, 3);
}

// What is there is looked at before it is opened, since to open a device may be to do something,
// and again afterwards, as a process of the container may exchange it. A device is told by its kind
// and number together: a regular file has number 0 as a pipe has (CVE-2026-88265).
std::optional<UniqueFd> own_null_device(const Root& root) {
  const auto found = root.find("/dev/null");
  if (!found || !is_null_device(sys::stat(found->get()))) return std::nullopt;
  auto own = root.open_if_exists("/dev/null", O_RDWR);
  if (!own || !is_null_device(sys::stat(own->get()))) return std::nullopt;
  return own;
}

void use_own_null_device(const Root& root, const std::vector<int>& streams) {
  if (streams.empty()) return;
  const auto own = own_null_device(root);
  if (!own) return;
  for (const int fd : streams) sys::duplicate_to(own->get(), fd);
}

}  // namespace

void prepare_stdio(const Root& root, const ProcessPlan& plan) {
  Context at{text("stdio")};
  std::vector<int> of_null_device;
  for (int fd = 0; fd <= 2; ++fd) {
    const struct stat facts = sys::stat(fd);
    if (is_null_device(facts)) {
      of_null_device.push_back(fd);
      continue;
    }
    // So that a process that is not root can open /dev/stdout again. A regular file stays its
    // owner's.
    const bool ours = S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode) ||
                      (S_ISCHR(facts.st_mode) && plan.stdio == Stdio::terminal);
    if (!ours || facts.st_uid == plan.uid) continue;
    const int error_number = sys::try_change_owner(fd, plan.uid, static_cast<gid_t>(-1));
    // Not ours to give away, on a read-only file system, or an owner that the user namespace does
    // not know.
    if (error_number != 0 && error_number != EPERM && error_number != EROFS &&
        error_number != EINVAL) {
      sys::fail(error_number, "fchown stdio");
    }
  }
  use_own_null_device(root, of_null_device);
}

}  // namespace ocelot
