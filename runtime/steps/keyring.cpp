#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

void join_session_keyring(const std::string& id) {
  Context at{text("session keyring")};
  std::int32_t serial = 0;
  const int error_number = sys::try_join_session_keyring("_ses." + id, serial);
  if (error_number == ENOSYS) return;
  if (error_number != 0) {
    throw Error{ErrorKind::Failed, fmt::format("keyctl KEYCTL_JOIN_SESSION_KEYRING _ses.{}", id),
                error_number}
        .with_hint(error_number == EDQUOT ? "this user's keys are used up: see /proc/key-users and "
                                            "/proc/sys/kernel/keys/maxkeys, or use --no-new-keyring"
                                          : "");
  }
  // The process's user may search the keyring, as its possessor may.
  constexpr std::uint32_t user_search = 0x00080000;
  sys::set_key_permissions(serial, sys::key_permissions(serial) | user_search);
}

}  // namespace ocelot
