#pragma once
#include <optional>
#include <string>

#include "runtime/base/fd.hpp"

namespace ocelot {

// The root of the container's file system: the only way to touch a path inside it.
//
// Every path is resolved by the kernel as if the root were "/" (openat2, RESOLVE_IN_ROOT), once, to
// a descriptor; whoever can change the rootfs meanwhile changes nothing for what is done with that
// descriptor. Magic links are never followed. man: openat2(2)
class Root {
 public:
  explicit Root(UniqueFd directory) : directory_(std::move(directory)) {}

  int fd() const { return directory_.get(); }

  // O_PATH of what `path` names, symbolic links followed inside the root; nullopt when there is no
  // such thing (ENOENT, ENOTDIR).
  std::optional<UniqueFd> find(const std::string& path) const;
  // The same, when the last component is a symbolic link: of the link itself; else nullopt.
  std::optional<UniqueFd> find_link(const std::string& path) const;
  // O_PATH of a directory that is no symbolic link itself, nor reached through one. Throws when it
  // is anything else.
  UniqueFd plain_directory(const std::string& path) const;
  // O_PATH of what lies at `path`, whatever it is, with no symbolic link on the way.
  UniqueFd plain(const std::string& path) const;
  // Opens a regular file or a device for use, following links inside the root.
  std::optional<UniqueFd> open_if_exists(const std::string& path, int flags) const;

  // O_PATH of the directory `path`, made with what is missing above it (mode 0755), also through
  // dangling symbolic links.
  UniqueFd make_directory(const std::string& path) const;
  // O_PATH of `path`: what is there, or else an empty file made with the directories above it.
  UniqueFd make_file(const std::string& path) const;

 private:
  UniqueFd make_directory(const std::string& path, int links_left) const;
  UniqueFd directory_;
};

// The part before the last slash ("/" for "/x") and the part after it.
std::string parent_path(const std::string& path);
std::string last_part(const std::string& path);

}  // namespace ocelot
