#pragma once
#include <string>

namespace ocelot {

// What a person would type at `terminal` to end the input, after a last byte `last` ('\n' when
// there was none): once ends it after a line, the first of two sends what is there of a line. Empty
// when the terminal takes no lines: a program that reads keys would take it for one of them.
std::string end_of_input(int terminal, char last);

}  // namespace ocelot
