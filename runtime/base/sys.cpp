#include "runtime/base/sys.hpp"

#include "runtime/base/error.hpp"

namespace ocelot::sys {

void fail(int error_number, std::string call) {
  throw Error{ErrorKind::Failed, std::move(call), error_number};
}

}  // namespace ocelot::sys
