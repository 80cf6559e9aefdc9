#pragma once
#include <string>
#include <string_view>

#include "shim/control/authority.hpp"

namespace ocelot::shim {

// Who may use the control socket, as words: UID or, where groups are allowed, :GID, separated by
// commas. Both add to `members`, and throw Error{InvalidArgument} that names `source` for a word
// that is neither, and for the ids that stand for nobody.
void add_operators(control::Authority::Members& members, std::string_view words,
                   const std::string& source);
void add_observers(control::Authority::Members& members, std::string_view words,
                   const std::string& source);

}  // namespace ocelot::shim
