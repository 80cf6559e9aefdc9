#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/fd.hpp"
#include "runtime/root.hpp"

namespace ocelot {

// A procfs known to be one. Whatever is mounted over parts of the visible /proc, what is written
// through this reaches the kernel file that is meant (CVE-2019-19921, CVE-2025-52881).
class Procfs {
 public:
  // A private instance of the calling process's pid namespace that no path leads to. Where the
  // kernel refuses one (a user namespace whose /proc is partly covered), the /proc of `root`, when
  // it is the root of a procfs.
  static Procfs open(const Root& root);

  // `path` is relative; symbolic links are not followed, and nothing mounted over it is entered.
  void write(const std::string& path, std::string_view value) const;
  // The same for a file that may not exist.
  bool write_if_exists(const std::string& path, std::string_view value) const;
  std::string read(const std::string& path) const;

 private:
  explicit Procfs(UniqueFd directory) : directory_(std::move(directory)) {}
  std::optional<UniqueFd> find(const std::string& path, int flags) const;
  UniqueFd directory_;
};

}  // namespace ocelot
