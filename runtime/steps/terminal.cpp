#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

// The multiplexer of the container's devpts, and nothing that only looks like it (CVE-2025-52565).
UniqueFd open_multiplexer(const Root& root) {
  const UniqueFd directory = root.plain_directory("/dev/pts");
  UniqueFd master = sys::open(directory.get(), "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
  const struct stat facts = sys::stat(master.get());
  if (static_cast<unsigned long>(sys::statfs(master.get()).f_type) != devpts_super_magic ||
      !S_ISCHR(facts.st_mode) || facts.st_rdev != makedev(5, 2)) {
    throw Error{ErrorKind::InvalidSpec,
                "/dev/pts/ptmx in the container is not a terminal multiplexer"}
        .with_hint("process.terminal needs a mount of type devpts on /dev/pts");
  }
  sys::set_nonblocking(master.get(), false);
  return master;
}

}  // namespace

UniqueFd make_terminal(const Root& root, const ProcessPlan& plan) {
  Context at{text("terminal")};
  UniqueFd master = open_multiplexer(root);
  sys::unlock_terminal(master.get());
  const UniqueFd peer = sys::open_terminal_peer(master.get());
  if (plan.console_size)
    sys::set_window_size(master.get(), {plan.console_size->height, plan.console_size->width, 0, 0});
  for (int fd = 0; fd <= 2; ++fd) sys::duplicate_to(peer.get(), fd);
  sys::set_controlling_terminal(0);
  return master;
}

void bind_console(const Root& root) {
  Context at{text("terminal")};
  const UniqueFd dev = root.plain_directory("/dev");
  int error_number = 0;
  // Made here and nowhere else: a link in its place is not followed (CVE-2026-88264).
  const UniqueFd made =
      sys::try_openat2(dev.get(), "console", O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY,
                       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, error_number, 0620);
  if (error_number != 0 && error_number != EEXIST && error_number != EROFS)
    sys::fail(error_number, "create /dev/console");
  const UniqueFd target = sys::openat2(dev.get(), "console", O_PATH | O_NOFOLLOW,
                                       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (S_ISDIR(sys::stat(target.get()).st_mode))
    throw Error{ErrorKind::InvalidSpec, "/dev/console in the rootfs is a directory"}.with_hint(
        "remove it from the rootfs");
  sys::attach(sys::clone_tree(STDIN_FILENO, "").get(), target.get());
}

}  // namespace ocelot
