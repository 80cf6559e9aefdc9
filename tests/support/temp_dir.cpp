#include "tests/support/temp_dir.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "tests/support/check.hpp"
#include "tests/support/unique_fd.hpp"

namespace ocelot::test {
namespace {

// openat2 with RESOLVE_NO_XDEV refuses a mount point, also a bind of the same file system.
UniqueFd open_on_same_mount(int parent, const char* name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
  return UniqueFd{static_cast<int>(::syscall(SYS_openat2, parent, name, &how, sizeof how))};
}

bool remove_below(int parent, const char* name) {
  bool complete = true;
  UniqueFd directory = open_on_same_mount(parent, name);
  if (!directory) return false;
  int stream_fd = ::fcntl(directory.get(), F_DUPFD_CLOEXEC, 0);
  DIR* stream = ::fdopendir(stream_fd);
  if (stream == nullptr) return false;
  std::vector<std::pair<std::string, bool>> entries;
  while (dirent* entry = ::readdir(stream)) {
    std::string child = entry->d_name;
    if (child != "." && child != "..") entries.emplace_back(child, entry->d_type == DT_DIR);
  }
  ::closedir(stream);
  for (const auto& [child, is_directory] : entries) {
    if (is_directory)
      complete &= remove_below(directory.get(), child.c_str());
    else
      complete &= ::unlinkat(directory.get(), child.c_str(), 0) == 0;
  }
  directory.reset();
  return ::unlinkat(parent, name, AT_REMOVEDIR) == 0 && complete;
}

}  // namespace

bool remove_tree(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string parent = slash == 0 ? "/" : path.substr(0, slash);
  UniqueFd directory{::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  return directory && remove_below(directory.get(), path.c_str() + slash + 1);
}

TempDir::TempDir() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string{base != nullptr && *base == '/' ? base : "/tmp"} + "/ocelot-test-XXXXXX";
  checked(::mkdtemp(path_.data()) == nullptr ? -1 : 0, "mkdtemp " + path_);
  checked(::chmod(path_.c_str(), 0755), "chmod " + path_);
}

TempDir::TempDir(TempDir&& other) noexcept : path_{std::exchange(other.path_, {})} {}

TempDir::~TempDir() {
  if (!path_.empty()) remove_tree(path_);
}

}  // namespace ocelot::test
