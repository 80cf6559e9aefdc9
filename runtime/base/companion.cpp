#include "runtime/base/companion.hpp"

#include <fcntl.h>

#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot {
namespace {

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace

std::vector<std::string> companion_paths(const std::string& name) {
  std::string own = directory_of(sys::read_link(AT_FDCWD, "/proc/self/exe"));
  // A copy that protects the binary lies nowhere: then as the program was called.
  if (own == "/" || own.starts_with("/memfd:")) {
    const std::string words = read_file(AT_FDCWD, "/proc/self/cmdline");
    own = directory_of(words.substr(0, words.find('\0')));
  }
  std::vector<std::string> paths;
  if (!own.empty()) {
    paths.push_back(own + name);
    paths.push_back(own + "../libexec/" + name);  // wherever a package has put both
  }
  paths.push_back(OCELOT_LIBEXECDIR "/" + name);
  return paths;
}

}  // namespace ocelot
