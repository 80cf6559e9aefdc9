#include "oci/mount_options.hpp"

#include <fmt/core.h>
#include <sys/mount.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "oci/names.hpp"
#include "runtime/base/kernel_abi.hpp"

namespace ocelot::oci {
namespace {

// One attribute of a mount: "ro" sets it, "rw" clears it, "rro" and "rrw" do so for all mounts
// below too.
struct Attribute {
  std::string_view set_word, clear_word;
  std::uint64_t bits;
};
constexpr Attribute attributes[] = {
    {"ro", "rw", MOUNT_ATTR_RDONLY},
    {"nosuid", "suid", MOUNT_ATTR_NOSUID},
    {"nodev", "dev", MOUNT_ATTR_NODEV},
    {"noexec", "exec", MOUNT_ATTR_NOEXEC},
    {"nodiratime", "diratime", MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", "symfollow", MOUNT_ATTR_NOSYMFOLLOW},
};

// The access-time modes exclude one another; relatime is the kernel's default, and the number 0.
constexpr Attribute atime_modes[] = {
    {"noatime", "atime", MOUNT_ATTR_NOATIME},
    {"relatime", "norelatime", MOUNT_ATTR_RELATIME},
    {"strictatime", "nostrictatime", MOUNT_ATTR_STRICTATIME},
};

struct SuperblockFlag {
  std::string_view set_word, clear_word;
};
constexpr SuperblockFlag superblock_flags[] = {
    {"ro", "rw"},       {"sync", "async"},          {"dirsync", ""},    {"lazytime", "nolazytime"},
    {"mand", "nomand"}, {"iversion", "noiversion"}, {"silent", "loud"},
};

struct Switch {
  std::string_view word;
  bool MountOptions::*member;
};
constexpr Switch switches[] = {
    {"bind", &MountOptions::bind},
    {"remount", &MountOptions::remount},
    {"tmpcopyup", &MountOptions::tmpcopyup},
    {"idmap", &MountOptions::idmap},
    {"ridmap", &MountOptions::ridmap},
    {"copy-symlink", &MountOptions::copy_symlink},
    {"src-nofollow", &MountOptions::src_nofollow},
    {"dest-nofollow", &MountOptions::dest_nofollow},
};

// True when `word` is one of the two, without or with the r.
bool apply_attribute(std::string_view word, std::uint64_t& set, std::uint64_t& clear) {
  for (const Attribute& attribute : attributes) {
    if (word == attribute.set_word) {
      set |= attribute.bits;
      clear &= ~attribute.bits;
      return true;
    }
    if (word == attribute.clear_word) {
      set &= ~attribute.bits;
      clear |= attribute.bits;
      return true;
    }
  }
  for (const Attribute& mode : atime_modes) {
    if (word == mode.set_word) {
      set = (set & ~std::uint64_t{MOUNT_ATTR__ATIME}) | mode.bits;
      clear |= MOUNT_ATTR__ATIME;
      return true;
    }
    if (word == mode.clear_word) {
      set &= ~mode.bits;
      clear |= MOUNT_ATTR__ATIME;
      return true;
    }
  }
  return false;
}

bool apply_superblock_flag(std::string_view word, std::vector<std::string>& flags) {
  for (const SuperblockFlag& flag : superblock_flags) {
    const bool sets = word == flag.set_word;
    if (!sets && (flag.clear_word.empty() || word != flag.clear_word)) continue;
    std::erase(flags, flag.set_word);
    if (sets) flags.emplace_back(flag.set_word);
    return true;
  }
  return false;
}

bool apply_switch(std::string_view word, MountOptions& options) {
  for (const Switch& known : switches) {
    if (word == known.word) return options.*known.member = true;
  }
  if (word == "rbind") return options.bind = options.recursive = true;
  if (constexpr std::string_view prefix = "idmap="; word.starts_with(prefix)) {
    options.idmap_ranges = word.substr(prefix.size());
    return options.idmap = true;
  }
  return word == "defaults";
}

bool apply_word(std::string_view word, MountOptions& options) {
  // Not the first that matches: "ro" is a flag of the mount and of the superblock.
  const bool attribute = apply_attribute(word, options.set, options.clear);
  const bool superblock = apply_superblock_flag(word, options.superblock_flags);
  if (attribute || superblock || apply_switch(word, options)) return true;
  if (const auto propagation = propagation_flags(word)) {
    options.propagation.push_back(*propagation);
    return true;
  }
  return word.starts_with('r') &&
         apply_attribute(word.substr(1), options.recursive_set, options.recursive_clear);
}

// Of a word of several, as mount(8) writes them: where the kernel would part them.
void add_data(std::string_view word, std::vector<std::string>& data) {
  std::string part;
  bool quoted = false, escaped = false;
  for (const char character : word) {
    if (character == ',' && !quoted && !escaped) {
      if (!part.empty()) data.push_back(std::exchange(part, {}));
      continue;
    }
    if (character == '"') quoted = !quoted;
    escaped = character == '\\' && !escaped;
    part += character;
  }
  if (!part.empty()) data.push_back(std::move(part));
}

}  // namespace

MountOptions parse_mount_options(const std::vector<std::string>& words) {
  MountOptions options;
  for (const std::string& word : words) {
    if (!apply_word(word, options)) add_data(word, options.data);
  }
  return options;
}

std::vector<std::string> known_mount_options() {
  std::vector<std::string> words{"defaults", "rbind"};
  const auto with_recursive = [&](std::span<const Attribute> table) {
    for (const Attribute& attribute : table) {
      for (const std::string_view word : {attribute.set_word, attribute.clear_word}) {
        words.emplace_back(word);
        words.push_back(fmt::format("r{}", word));
      }
    }
  };
  with_recursive(attributes);
  with_recursive(atime_modes);
  for (const SuperblockFlag& flag : superblock_flags) {
    words.emplace_back(flag.set_word);
    if (!flag.clear_word.empty()) words.emplace_back(flag.clear_word);
  }
  for (const Switch& known : switches) words.emplace_back(known.word);
  for (const auto& known : rootfs_propagations()) words.emplace_back(known.word);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace ocelot::oci
