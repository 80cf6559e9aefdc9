#include "runtime/base/terminal_input.hpp"

#include "runtime/base/sys_terminals.hpp"

namespace ocelot {

std::string end_of_input(int terminal, char last) {
  const auto attributes = sys::terminal_attributes(terminal);
  if (!attributes || (attributes->c_lflag & ICANON) == 0) return {};
  return std::string(last == '\n' || last == '\r' ? 1 : 2,
                     static_cast<char>(attributes->c_cc[VEOF]));
}

}  // namespace ocelot
