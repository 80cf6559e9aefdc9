#pragma once

#include <string>

namespace ocelot::test {

// A directory of its own below $TMPDIR (else /tmp), mode 0755. The destructor removes it, but
// nothing that is mounted below it.
class TempDir {
 public:
  TempDir();
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Removes `path` and what is below it on the same mount. False if something had to stay.
bool remove_tree(const std::string& path);

}  // namespace ocelot::test
