#include "oci/mount_options.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <sstream>

#include "runtime/base/kernel_abi.hpp"

using namespace ocelot::oci;

namespace {

MountOptions parse(const std::string& words) {
  std::vector<std::string> list;
  std::stringstream stream(words);
  for (std::string word; stream >> word;) list.push_back(word);
  return parse_mount_options(list);
}

struct Attribute {
  const char *set, *clear;
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

}  // namespace

BOOST_AUTO_TEST_SUITE(mount_options)

BOOST_AUTO_TEST_CASE(an_attribute_is_set_or_cleared_and_the_later_word_wins) {
  for (const Attribute& a : attributes) {
    BOOST_TEST_CONTEXT(a.set) {
      const std::string set = a.set, clear = a.clear;
      BOOST_TEST(parse(set).set == a.bits);
      BOOST_TEST(parse(set).clear == 0u);
      BOOST_TEST(parse(clear).set == 0u);
      BOOST_TEST(parse(clear).clear == a.bits);
      BOOST_TEST((parse(set + " " + clear) == parse(clear)));
      BOOST_TEST((parse(clear + " " + set) == parse(set)));
      BOOST_TEST(parse(set).recursive_set == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(with_an_r_an_attribute_is_for_all_mounts_below_and_for_no_superblock) {
  for (const Attribute& a : attributes) {
    const std::string set = std::string("r") + a.set, clear = std::string("r") + a.clear;
    BOOST_TEST_CONTEXT(set) {
      BOOST_TEST((parse(set) == MountOptions{.recursive_set = a.bits}));
      BOOST_TEST((parse(clear) == MountOptions{.recursive_clear = a.bits}));
      BOOST_TEST((parse(set + " " + clear) == parse(clear)));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_mode_of_access_times_takes_the_place_of_another) {
  const auto mode = [](const std::string& words) {
    const MountOptions options = parse(words);
    BOOST_TEST(options.clear == std::uint64_t{MOUNT_ATTR__ATIME}, words);
    return options.set;
  };
  BOOST_TEST(mode("noatime") == std::uint64_t{MOUNT_ATTR_NOATIME});
  BOOST_TEST(mode("relatime") == std::uint64_t{MOUNT_ATTR_RELATIME});
  BOOST_TEST(mode("strictatime") == std::uint64_t{MOUNT_ATTR_STRICTATIME});
  BOOST_TEST(mode("noatime strictatime") == std::uint64_t{MOUNT_ATTR_STRICTATIME});
  BOOST_TEST(mode("strictatime relatime") == std::uint64_t{MOUNT_ATTR_RELATIME});
  BOOST_TEST(mode("noatime atime") == std::uint64_t{MOUNT_ATTR_RELATIME});
  BOOST_TEST(mode("noatime norelatime") == std::uint64_t{MOUNT_ATTR_NOATIME});
  BOOST_TEST(mode("strictatime nostrictatime") == std::uint64_t{MOUNT_ATTR_RELATIME});
  for (const char* word :
       {"noatime", "atime", "relatime", "norelatime", "strictatime", "nostrictatime"}) {
    const MountOptions plain = parse(word), recursive = parse(std::string("r") + word);
    BOOST_TEST(recursive.recursive_set == plain.set, word);
    BOOST_TEST(recursive.recursive_clear == plain.clear, word);
    BOOST_TEST(recursive.set == 0u, word);
  }
}

BOOST_AUTO_TEST_CASE(flags_of_the_superblock_stand_until_they_are_taken_back) {
  using Flags = std::vector<std::string>;
  BOOST_TEST(parse("ro sync dirsync lazytime mand iversion silent").superblock_flags ==
                 (Flags{"ro", "sync", "dirsync", "lazytime", "mand", "iversion", "silent"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      parse("ro sync lazytime mand iversion silent rw async nolazytime nomand noiversion loud")
          .superblock_flags.empty());
  BOOST_TEST(parse("sync sync").superblock_flags == Flags{"sync"},
             boost::test_tools::per_element());
  BOOST_TEST(parse("async").superblock_flags.empty());
}

BOOST_AUTO_TEST_CASE(propagation_keeps_its_order) {
  BOOST_TEST(parse("rprivate slave rshared unbindable").propagation ==
                 (std::vector<unsigned long>{MS_PRIVATE | MS_REC, MS_SLAVE, MS_SHARED | MS_REC,
                                             MS_UNBINDABLE}),
             boost::test_tools::per_element());
  BOOST_TEST(parse("private rslave shared runbindable").propagation ==
                 (std::vector<unsigned long>{MS_PRIVATE, MS_SLAVE | MS_REC, MS_SHARED,
                                             MS_UNBINDABLE | MS_REC}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(words_for_the_kind_of_mount) {
  BOOST_TEST((parse("bind") == MountOptions{.bind = true}));
  BOOST_TEST((parse("rbind") == MountOptions{.bind = true, .recursive = true}));
  BOOST_TEST((parse("remount") == MountOptions{.remount = true}));
  BOOST_TEST((parse("tmpcopyup") == MountOptions{.tmpcopyup = true}));
  BOOST_TEST((parse("idmap") == MountOptions{.idmap = true}));
  BOOST_TEST((parse("ridmap") == MountOptions{.ridmap = true}));
  BOOST_TEST((parse("defaults") == MountOptions{}));
}

BOOST_AUTO_TEST_CASE(any_other_word_is_for_the_file_system) {
  BOOST_TEST((parse("nosuid size=64k mode=1777 newinstance acl") ==
              MountOptions{.set = MOUNT_ATTR_NOSUID,
                           .data = {"size=64k", "mode=1777", "newinstance", "acl"}}));
  for (const char* word : {"RO", "rrro", "r", "rro=1", "rsync", "rbind=1", "rrbind", "z", "rr"}) {
    BOOST_TEST((parse(word) == MountOptions{.data = {word}}), word);
  }
  BOOST_TEST((parse_mount_options({""}) == MountOptions{}));
  BOOST_TEST((parse_mount_options({"size=64k,,mode=1777,", ","}) ==
              MountOptions{.data = {"size=64k", "mode=1777"}}));
  BOOST_TEST((parse_mount_options({"lowerdir=/a\\,b:/c,context=\"u:r:t:s0:c1,c2\",ro"}) ==
              MountOptions{.data = {"lowerdir=/a\\,b:/c", "context=\"u:r:t:s0:c1,c2\"", "ro"}}));
}

BOOST_AUTO_TEST_CASE(idmap_may_have_ranges) {
  BOOST_TEST((parse("idmap") == MountOptions{.idmap = true}));
  BOOST_TEST(
      (parse("idmap=uids=0-1-2") == MountOptions{.idmap = true, .idmap_ranges = "uids=0-1-2"}));
  BOOST_TEST((parse("idmap=") == MountOptions{.idmap = true, .idmap_ranges = ""}));
}

BOOST_AUTO_TEST_CASE(
    every_known_word_is_a_flag_and_the_words_of_the_specification_and_of_crun_are_known) {
  const std::vector<std::string> known = known_mount_options();
  BOOST_TEST(std::is_sorted(known.begin(), known.end()));
  for (const std::string& word : known) BOOST_TEST(parse(word).data.empty(), word);
  std::stringstream specified(
      "async atime bind copy-symlink defaults dest-nofollow dev diratime dirsync exec idmap "
      "iversion lazytime loud mand "
      "noatime nodev nodiratime noexec noiversion "
      "nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev "
      "rdiratime relatime remount rexec ridmap "
      "rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro "
      "rprivate rrelatime rro rrw rshared rslave "
      "rstrictatime rsuid rsymfollow runbindable rw shared silent slave src-nofollow strictatime "
      "suid "
      "symfollow "
      "sync tmpcopyup unbindable");
  std::set<std::string> expected;
  for (std::string word; specified >> word;) expected.insert(word);
  BOOST_TEST((std::set<std::string>(known.begin(), known.end()) == expected));
  BOOST_TEST(known.size() == expected.size());
}

BOOST_AUTO_TEST_SUITE_END()
