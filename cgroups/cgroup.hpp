#pragma once
#include <fcntl.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/fd.hpp"

namespace ocelot::cgroups {

// One cgroup of one hierarchy. Its directory is opened once, at the first use, and worked on
// through that descriptor, so that a cgroup made later under the same name is never mistaken for
// it.
//
// Others remove cgroups at any time: every function for which that is an ordinary answer says so in
// its result.
class Cgroup {
 public:
  // `path` begins with '/' and is relative to the hierarchy's mount point.
  Cgroup(std::string mount_point, const std::string& path);

  const std::string& directory() const { return directory_; }  // absolute
  const std::string& mount_point() const { return mount_point_; }

  // Its directory, and before it those above it, the mount point left out.
  std::vector<std::string> lineage() const;
  // Makes it, with the parents that are missing; false when it was there already.
  bool make(mode_t mode = 0755);
  // The directories that make() made, parents first; itself last unless it was there already.
  const std::vector<std::string>& made() const { return made_; }
  // Removes what make() made, as far as it is empty.
  void unmake() noexcept;

  // A descriptor (O_PATH) of the directory, or -1 when it is gone.
  int find() const;
  // The same, but throws when it is gone.
  int fd() const;

  // The whole of `file`; nullopt when the file or the cgroup is not there.
  std::optional<std::string> read(const std::string& file) const;
  // The same of a file of less than 256 bytes that is asked for again and again: it stays open.
  std::optional<std::string> reread(const char* file) const;
  // One write; an errno or 0. ENOENT and ENODEV: the file or the cgroup is not there.
  int try_write(const std::string& file, std::string_view value) const;
  void write(const std::string& file, std::string_view value) const;
  UniqueFd open(const std::string& file, int flags) const;

  // rmdir(2): errno or 0; a cgroup that is gone counts as removed.
  int try_remove() noexcept;

 private:
  std::string mount_point_;
  std::string directory_;
  std::vector<std::string> made_;
  mutable UniqueFd fd_;
  mutable std::map<std::string_view, UniqueFd> kept_;  // by names that are there for ever
};

// A file of the cgroup directory `dir`, never one outside it. An empty descriptor, with the reason
// in `error_number`.
UniqueFd try_open_file(int dir, const std::string& file, int flags, int& error_number) noexcept;
// nullopt when the file or the cgroup is not there, or does not apply to this cgroup (cgroup.procs
// of a threaded one).
std::optional<std::string> read_cgroup_file(int dir, const std::string& file);

// The number after `key` in a flat keyed file ("oom_kill 3\n").
std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key);

}  // namespace ocelot::cgroups
