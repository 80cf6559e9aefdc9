#pragma once
#include "shim/control/authority.hpp"
#include "shim/control/listener.hpp"

namespace ocelot::shim {

// Binds control.sock in a container's state directory, which nobody but its owner can enter.
//
// Where `members` names others, they get as far as they must and no further: the state directory
// and the one above it may be passed through (0711), the socket stands in a directory of its own,
// control (0750), and is 0660; both belong to the first observer group. Further groups, and users,
// have the same access by an access control list (acl(5)), which not every file system takes. A
// symbolic link is where the socket otherwise is.
//
// Throws Error{AlreadyExists} when somebody listens there; the caller holds the container's lock.
control::Listener bind_socket(int state_directory, const control::Authority::Members& members);

}  // namespace ocelot::shim
