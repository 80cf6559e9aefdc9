#include "tests/support/expectations.hpp"

#include <sstream>
#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {

Reasons read_reasons(const std::string& path) {
  Reasons reasons;
  std::istringstream lines{read_file(path)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words{line};
    std::string name, reason;
    words >> name >> std::ws;
    std::getline(words, reason);
    if (reason.empty()) throw std::runtime_error(path + ": no reason for " + name);
    if (!reasons.emplace(name, reason).second) throw std::runtime_error(path + ": twice: " + name);
  }
  return reasons;
}

}  // namespace ocelot::test
