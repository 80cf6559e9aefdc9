// A program that a shim executes in its own place, and that cannot go on.
#include "shim/re_execution.hpp"

int main(int, char* argv[]) {
  const auto inheritance = ocelot::shim::Inheritance::take();
  if (!inheritance) return 2;
  static_cast<void>(inheritance->open());
  inheritance->give_back(argv, "it is one of a test");
  return 1;
}
