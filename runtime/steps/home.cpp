#include <fcntl.h>

#include <algorithm>
#include <array>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

constexpr std::size_t max_passwd = 10u << 20;  // what an image may make us read

std::string read_passwd(const Root& root) {
  // An image may have put a FIFO or a device there: nothing is opened that could block or never
  // end.
  const auto fd = root.open_if_exists("/etc/passwd", O_RDONLY | O_NONBLOCK);
  if (!fd) return {};
  const struct stat facts = sys::stat(fd->get());
  if (!S_ISREG(facts.st_mode) || facts.st_size > static_cast<off_t>(max_passwd)) return {};
  return sys::read_all(fd->get(), max_passwd + 65536);
}

}  // namespace

std::string home_directory(const Root& root, uid_t uid) {
  std::string passwd;
  try {
    passwd = read_passwd(root);
  } catch (const Error&) {
    return "/";  // unreadable, or grew while it was read: the same as not being there
  }
  for (const std::string_view line : split(passwd, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 6 || parse_integer<uid_t>(fields[2]) != uid) continue;
    const std::string_view home = fields[5];
    const bool clean = std::none_of(home.begin(), home.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!home.empty() && clean) return std::string(home);
  }
  return "/";
}

}  // namespace ocelot
