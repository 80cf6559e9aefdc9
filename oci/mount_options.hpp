#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ocelot::oci {

// The words of `mounts[].options`, sorted by what they act on. Later words win over earlier ones.
// Spec: config.md#linux-mount-options
struct MountOptions {
  // MOUNT_ATTR_* of this mount alone. A change of the access-time mode has MOUNT_ATTR__ATIME in its
  // clear mask.
  std::uint64_t set = 0, clear = 0;
  // The same for this mount and all below it ("rro", "rnosuid", ...).
  std::uint64_t recursive_set = 0, recursive_clear = 0;
  // Flags of the superblock, as fsconfig(2) spells them: "ro", "sync", "dirsync", "lazytime",
  // "mand", "iversion", "silent".
  std::vector<std::string> superblock_flags;
  // MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE in the order given; each alone or with MS_REC.
  std::vector<unsigned long> propagation;
  bool bind = false;
  bool recursive = false;  // "rbind"
  bool remount = false;
  bool tmpcopyup = false;
  bool idmap = false, ridmap = false;
  std::optional<std::string> idmap_ranges;  // what follows "idmap=": see idmap_option.hpp
  // Words of crun. The last component of the source, or of the destination, is not followed where
  // it is a symbolic link; a source that is one is made anew in the container instead of bound.
  bool src_nofollow = false, dest_nofollow = false, copy_symlink = false;
  // What only the file system understands: "size=64k", "mode=1777", "newinstance".
  std::vector<std::string> data;

  bool operator==(const MountOptions&) const = default;
};

// Never fails: a word that is no flag is data for the file system, which refuses what it does not
// know.
MountOptions parse_mount_options(const std::vector<std::string>& words);

// Every word that is a flag, sorted: for `features`.
std::vector<std::string> known_mount_options();

}  // namespace ocelot::oci
