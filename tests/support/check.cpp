#include "tests/support/check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/support/unique_fd.hpp"

namespace ocelot::test {

int checked(int result, const std::string& what) {
  if (result == -1) throw std::runtime_error(what + ": " + std::strerror(errno));
  return result;
}

std::string read_file(const std::string& path) {
  UniqueFd fd{checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path)};
  std::string content;
  char buffer[16384];
  while (ssize_t n =
             checked(static_cast<int>(::read(fd.get(), buffer, sizeof buffer)), "read " + path))
    content.append(buffer, static_cast<size_t>(n));
  return content;
}

void write_file(const std::string& path, const std::string& content) {
  UniqueFd fd{checked(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
                      "open " + path)};
  for (size_t done = 0; done < content.size();) {
    done += static_cast<size_t>(
        checked(static_cast<int>(::write(fd.get(), content.data() + done, content.size() - done)),
                "write " + path));
  }
}

}  // namespace ocelot::test
