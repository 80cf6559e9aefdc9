#include "runtime/plan/describe_words.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>

#include <array>
#include <vector>

#include "oci/names.hpp"
#include "runtime/base/kernel_abi.hpp"

namespace ocelot::words {
namespace {

struct AttributeWords {
  std::uint64_t attribute;
  std::string_view set, clear;
};
constexpr std::array attribute_words{
    AttributeWords{MOUNT_ATTR_RDONLY, "ro", "rw"},
    AttributeWords{MOUNT_ATTR_NOSUID, "nosuid", "suid"},
    AttributeWords{MOUNT_ATTR_NODEV, "nodev", "dev"},
    AttributeWords{MOUNT_ATTR_NOEXEC, "noexec", "exec"},
    AttributeWords{MOUNT_ATTR_NODIRATIME, "nodiratime", "diratime"},
    AttributeWords{MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow", "symfollow"},
};

void add_attributes(std::vector<std::string>& all, std::uint64_t set, std::uint64_t clear,
                    const char* prefix) {
  for (const AttributeWords& words : attribute_words) {
    if ((set & words.attribute) != 0) {
      all.push_back(fmt::format("{}{}", prefix, words.set));
    } else if ((clear & words.attribute) != 0) {
      all.push_back(fmt::format("{}{}", prefix, words.clear));
    }
  }
  if ((clear & MOUNT_ATTR__ATIME) == 0) return;
  const std::uint64_t mode = set & MOUNT_ATTR__ATIME;
  const char* word = mode == MOUNT_ATTR_NOATIME       ? "noatime"
                     : mode == MOUNT_ATTR_STRICTATIME ? "strictatime"
                                                      : "relatime";
  all.push_back(fmt::format("{}{}", prefix, word));
}

}  // namespace

std::string namespaces(int clone_flags) {
  std::vector<std::string_view> all;
  for (const auto& word : oci::namespace_words()) {
    if ((static_cast<std::uint64_t>(clone_flags) & oci::clone_flag(word.value)) != 0)
      all.push_back(word.word);
  }
  return fmt::format("{}", fmt::join(all, ","));
}

std::string mapping(const oci::IdMapping& map) {
  const auto last = [&](std::uint32_t first) { return std::uint64_t{first} + map.size - 1; };
  return fmt::format("{}-{} are {}-{} of the host", map.container_id, last(map.container_id),
                     map.host_id, last(map.host_id));
}

std::string mount_options(const oci::MountOptions& options) {
  std::vector<std::string> all;
  add_attributes(all, options.set, options.clear, "");
  add_attributes(all, options.recursive_set, options.recursive_clear, "r");
  all.insert(all.end(), options.superblock_flags.begin(), options.superblock_flags.end());
  for (const unsigned long flags : options.propagation) all.push_back(propagation(flags));
  if (options.recursive) all.emplace_back("rbind");
  if (options.tmpcopyup) all.emplace_back("tmpcopyup");
  all.insert(all.end(), options.data.begin(), options.data.end());
  return fmt::format("{}", fmt::join(all, ","));
}

std::string propagation(unsigned long flags) {
  for (const auto& word : oci::rootfs_propagations()) {
    if (word.value == flags) return std::string(word.word);
  }
  return fmt::format("{:#x}", flags);
}

std::string capabilities(std::uint64_t set) {
  if (set == 0) return "none";
  std::vector<std::string_view> all;
  for (const auto& word : oci::capabilities()) {
    if ((set >> word.value & 1) != 0) all.push_back(word.word);
  }
  return fmt::format("{}", fmt::join(all, ","));
}

std::string limit(rlim_t value) {
  return value == RLIM_INFINITY ? "unlimited" : fmt::to_string(value);
}

}  // namespace ocelot::words
