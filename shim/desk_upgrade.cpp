#include "runtime/base/error.hpp"
#include "shim/desk.hpp"

namespace ocelot::shim {

// Request: one descriptor, of the program, which answers it when it has taken over.
void Desk::upgrade(control::Request& request) {
  if (request.fds.size() != 1)
    throw Error{ErrorKind::InvalidArgument, "upgrade takes the descriptor of one program"};
  if (deleted_ || sandbox_.ended()) {
    throw Error{ErrorKind::WrongState, "the container has stopped"}.with_hint(
        "its shim has nothing left to do but to be asked how it ended");
  }
  supervision_.upgrade(request.handle, std::move(request.fds.front()), *request.key);
}

}  // namespace ocelot::shim
