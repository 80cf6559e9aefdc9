#include <sys/mount.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "oci/idmap_option.hpp"
#include "oci/mount_options.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/text.hpp"
#include "tests/fuzz/expect.hpp"

// Any bytes, split at commas, as `mounts[].options`.
namespace {

using namespace ocelot::oci;

constexpr std::uint64_t all_attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                         MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME |
                                         MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW;

void expect_masks(std::uint64_t set, std::uint64_t clear) {
  EXPECT(((set | clear) & ~all_attributes) == 0);
  // Only the access-time mode is cleared and set at once, and its modes exclude one another.
  EXPECT((set & clear & ~std::uint64_t{MOUNT_ATTR__ATIME}) == 0);
  const std::uint64_t mode = set & MOUNT_ATTR__ATIME;
  EXPECT(mode == 0 || mode == MOUNT_ATTR_NOATIME || mode == MOUNT_ATTR_STRICTATIME);
  EXPECT((clear & MOUNT_ATTR__ATIME) == 0 || (clear & MOUNT_ATTR__ATIME) == MOUNT_ATTR__ATIME);
  EXPECT(mode == 0 || (clear & MOUNT_ATTR__ATIME) != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> known = known_mount_options();
  std::vector<std::string> words;
  for (const auto word : ocelot::split({reinterpret_cast<const char*>(data), size}, ','))
    words.emplace_back(word);

  const MountOptions options = parse_mount_options(words);
  expect_masks(options.set, options.clear);
  expect_masks(options.recursive_set, options.recursive_clear);

  // A word is a flag or data, in its order, parted at commas; never both, never lost.
  std::string data_words, parted;
  for (const std::string& part : options.data) parted += part;
  for (const std::string& word : words) {
    if (word.starts_with("idmap=")) {
      static_cast<void>(parse_idmap_option(word.substr(6), {{0, 5, 10}}, {{0, 5, 10}}));
    } else if (!std::binary_search(known.begin(), known.end(), word)) {
      data_words += word;
    }
  }
  const auto without_commas = [](std::string text) {
    std::erase(text, ',');
    return text;
  };
  EXPECT(without_commas(parted) == without_commas(data_words));
  for (const std::string& flag : options.superblock_flags) {
    EXPECT(std::count(options.superblock_flags.begin(), options.superblock_flags.end(), flag) == 1);
  }

  // What is asked twice is asked once.
  std::vector<std::string> twice = words;
  twice.insert(twice.end(), words.begin(), words.end());
  const MountOptions again = parse_mount_options(twice);
  EXPECT(again.set == options.set && again.clear == options.clear);
  EXPECT(again.recursive_set == options.recursive_set &&
         again.recursive_clear == options.recursive_clear);
  EXPECT(again.bind == options.bind && again.recursive == options.recursive &&
         again.idmap == options.idmap);
  EXPECT(again.propagation.size() == 2 * options.propagation.size());
  return 0;
}
