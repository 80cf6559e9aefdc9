#include "runtime/protect_binary.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot {
namespace {

constexpr const char* own_executable = "/proc/self/exe";

constexpr int all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

bool runs_from_sealed_copy(int executable) {
  return (sys::seals(executable) & all_seals) == all_seals;
}

// Read-only, and a mount that belongs to no namespace any more: the kernel then refuses to change
// its attributes, so that nobody can make it writable again. (A read-only mount of the host would
// allow it, but refuse it of what is not its root.)
bool runs_from_read_only_copy(int executable) {
  if ((static_cast<unsigned long>(sys::statfs(executable).f_flags) & ST_RDONLY) == 0) return false;
  if (!sys::is_root_of_mount(executable)) return false;
  mount_attr same{};
  same.attr_set = MOUNT_ATTR_RDONLY;
  return sys::try_set_mount_attributes(executable, same) == EINVAL;
}

UniqueFd read_only_copy() {
  UniqueFd tree = sys::clone_tree(AT_FDCWD, own_executable);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  attributes.propagation = MS_PRIVATE;
  sys::set_mount_attributes(tree.get(), attributes);
  return tree;
}

UniqueFd sealed_copy() {
  const UniqueFd program = sys::open(AT_FDCWD, own_executable, O_RDONLY);
  UniqueFd copy = sys::memfd("ocelot", MFD_ALLOW_SEALING);
  std::array<char, 65536> block;
  while (const std::size_t count = sys::read_some(program.get(), block))
    sys::write_all(copy.get(), {block.data(), count});
  sys::change_mode(copy.get(), 0511);
  sys::add_seals(copy.get(), all_seals);
  return copy;
}

UniqueFd protected_copy() {
  try {
    return read_only_copy();
  } catch (const Error& error) {
    if (error.error_number() != EPERM) throw;
    return sealed_copy();
  }
}

}  // namespace

void protect_binary(char* const argv[]) {
  Context at{text("protect the runtime's binary")};
  {
    const UniqueFd executable = sys::open(AT_FDCWD, own_executable, O_RDONLY);
    if (runs_from_read_only_copy(executable.get()) || runs_from_sealed_copy(executable.get()))
      return;
  }
  // The descriptor is close-on-exec: with it the last reference to the copied mount goes, but for
  // the running program's.
  const UniqueFd copy = protected_copy();
  sys::fail(sys::execute_fd(copy.get(), argv, environ), "execveat");
}

}  // namespace ocelot
