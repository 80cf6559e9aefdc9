#pragma once
#include <string>
#include <string_view>

namespace ocelot::criu {

// Of what criu has logged the part that tells why it failed: its first errors, without their times,
// as one line. Empty when it tells none.
std::string errors_in(std::string_view log);

// What a person can do about that, or an empty text.
std::string hint_for(std::string_view errors);

// The errors in the file `name` of `directory`; empty when there is no such regular file.
std::string errors_in_file(int directory, const std::string& name);

}  // namespace ocelot::criu
