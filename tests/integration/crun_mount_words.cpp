// Mount options that only crun knows, and podman hands through.
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A file of uid 7 and gid 8 on the host, seen through a mount with the option.
json owner_through(const Runtime& runtime, Bundle& bundle, const std::string& option) {
  TempDir source;
  write_file(source / "file", "content");
  checked(::chown((source / "file").c_str(), 7, 8), "chown");
  bundle.add_mount("/mnt", "bind", source.path(), {"bind", option});
  return act(runtime, bundle, {{"stat", "/mnt/file"}})[0];
}

// A directory with a file "target", and a link "link" to it.
struct Linked {
  TempDir directory;
  Linked() {
    write_file(directory / "target", "of the host");
    std::filesystem::create_symlink("target", directory / "link");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(crun_mount_words, *needs::root() * needs::ocelot("words of crun"))

BOOST_AUTO_TEST_CASE(idmap_with_ranges_maps_the_ids_of_the_file_system) {
  Runtime runtime;
  for (auto [option, uid, gid] :
       {std::tuple{"idmap=uids=0-1000-10;gids=0-500-10", 1007, 508},
        std::tuple{"idmap=uids=0-1000-5#7-4000-1;gids=0-500-5#6-900-3", 4000, 902},
        std::tuple{"idmap=gids=8-8-1;uids=7-9-1", 9, 8}}) {
    Bundle bundle;
    json file = owner_through(runtime, bundle, option);
    BOOST_TEST(file["uid"] == uid, option);
    BOOST_TEST(file["gid"] == gid, option);
  }
}

BOOST_AUTO_TEST_CASE(relative_ranges_count_ids_of_the_container) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace(kHostId, 1000);
  json file = owner_through(runtime, bundle, "idmap=uids=@7-70-1;gids=@0-80-10");
  BOOST_TEST(file["uid"] == 70);
  BOOST_TEST(file["gid"] == 88);
}

BOOST_AUTO_TEST_CASE(absolute_ranges_in_a_user_namespace_are_ids_of_the_host) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace(kHostId, 1000);
  json file = owner_through(runtime, bundle,
                            "idmap=uids=0-" + std::to_string(kHostId + 100) + "-10;gids=0-5-10");
  BOOST_TEST(file["uid"] == 107);
  BOOST_TEST(file["gid"] == 65534);  // 13 on the host is nobody in the container
}

BOOST_AUTO_TEST_CASE(ranges_that_are_none_are_an_error) {
  Runtime runtime;
  for (const char* option :
       {"idmap=", "idmap=uids=0-0-1", "idmap=uids=0-0;gids=0-0-1", "idmap=uids=0-0-1;gids=0-0-x",
        "idmap=uids=0-0-1;gids=0-0-1;more", "idmap=uids=0-0-0;gids=0-0-1",
        "idmap=uids=0-0-5#4-9-1;gids=0-0-1", "idmap=uids=@0-0-1;gids=0-0-1"}) {
    Bundle bundle;
    bundle.add_mount("/mnt", "bind", "/tmp", {"bind", option});
    BOOST_TEST_CONTEXT(option) {
      check_refused(runtime, bundle, "/mounts/7/options");
    }
  }
}

BOOST_AUTO_TEST_CASE(relative_range_that_one_mapping_does_not_hold_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace(kHostId, 1000);
  bundle.add_mount("/mnt", "bind", "/tmp", {"bind", "idmap=uids=@0-995-10;gids=@0-0-1"});
  check_refused(runtime, bundle, "/mounts/7/options");
}

BOOST_AUTO_TEST_CASE(ranges_beside_the_members_are_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", "/tmp", {"bind", "idmap=uids=0-0-1;gids=0-0-1"});
  const json map = json::parse(R"([{"containerID": 0, "hostID": 0, "size": 1}])");
  bundle.mount_at("/mnt")["uidMappings"] = map;
  bundle.mount_at("/mnt")["gidMappings"] = map;
  check_refused(runtime, bundle, "/mounts/7/options");
}

BOOST_AUTO_TEST_CASE(source_is_followed_unless_it_is_told_not_to_be) {
  Runtime runtime;
  Linked source;
  Bundle bundle;
  bundle.put("/target", "of the image");
  bundle.add_mount("/followed", "bind", source.directory / "link", {"bind"});
  bundle.add_mount("/itself", "bind", source.directory / "link", {"bind", "src-nofollow"});
  json seen =
      act(runtime, bundle, {{"read", "/followed"}, {"read", "/itself"}, {"stat", "/itself"}});
  BOOST_TEST(seen[0]["text"] == "of the host");
  BOOST_TEST(seen[1]["text"] == "of the image");  // where the link leads inside
  BOOST_TEST(seen[2]["target"] == "target");
}

BOOST_AUTO_TEST_CASE(destination_is_followed_unless_it_is_told_not_to_be) {
  Runtime runtime;
  Linked source;
  for (const bool follow : {true, false}) {
    Bundle bundle;
    bundle.put("/target", "of the image");
    std::filesystem::create_symlink("target", bundle.rootfs() + "/link");
    std::vector<std::string> options{"bind"};
    if (!follow) options.emplace_back("dest-nofollow");
    bundle.add_mount("/link", "bind", source.directory / "target", options);
    json seen = act(runtime, bundle, {{"read", "/link"}, {"read", "/target"}, {"stat", "/link"}});
    BOOST_TEST(seen[0]["text"] == "of the host");
    BOOST_TEST(seen[1]["text"] == (follow ? "of the host" : "of the image"));
    BOOST_TEST(seen[2].contains("target") == follow);
  }
}

BOOST_AUTO_TEST_CASE(destination_that_is_not_there_is_made_all_the_same) {
  Runtime runtime;
  Linked source;
  Bundle bundle;
  bundle.add_mount("/new/file", "bind", source.directory / "target", {"bind", "dest-nofollow"});
  bundle.add_mount("/new/dir", "bind", source.directory.path(), {"bind", "dest-nofollow"});
  json seen = act(runtime, bundle, {{"read", "/new/file"}, {"read", "/new/dir/target"}});
  BOOST_TEST(seen[0]["text"] == "of the host");
  BOOST_TEST(seen[1]["text"] == "of the host");
}

BOOST_AUTO_TEST_CASE(link_is_copied_instead_of_bound) {
  Runtime runtime;
  Linked source;
  Bundle bundle;
  bundle.add_mount("/etc/new/link", "bind", source.directory / "link", {"bind", "copy-symlink"});
  bundle.add_mount("/file", "bind", source.directory / "target", {"bind", "copy-symlink"});
  json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/etc/new/link").is_null());
  BOOST_TEST(!mount_in(seen, "/file").is_null());  // no link: bound
  BOOST_TEST(std::filesystem::read_symlink(bundle.rootfs() + "/etc/new/link") == "target");
  // A second time, the link that is there is the one that is wanted.
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

BOOST_AUTO_TEST_CASE(link_is_not_copied_over_what_is_there) {
  Runtime runtime;
  Linked source;
  Bundle bundle;
  bundle.put("/etc/link", "a file");
  bundle.add_mount("/etc/link", "bind", source.directory / "link", {"bind", "copy-symlink"});
  check_refused(runtime, bundle, "mounts[7]");
  Bundle other;
  std::filesystem::create_symlink("elsewhere", other.rootfs() + "/etc/link");
  other.add_mount("/etc/link", "bind", source.directory / "link", {"bind", "copy-symlink"});
  check_refused(runtime, other, "mounts[7]");
}

BOOST_AUTO_TEST_SUITE_END()
