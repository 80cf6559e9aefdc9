// Mounts through which files change hands.
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

const json kMap = json::parse(R"([{"containerID": 0, "hostID": 1000, "size": 1000}])");

// A directory whose file belongs to uid and gid 7, with a tmpfs below it that has one, too.
struct Source {
  TempDir directory;
  Source() {
    write_file(directory / "file", "content");
    checked(::chown((directory / "file").c_str(), 7, 7), "chown");
    std::filesystem::create_directory(directory / "below");
    checked(::mount("tmpfs", (directory / "below").c_str(), "tmpfs", 0, "size=64k"), "mount");
    write_file(directory / "below/file", "content");
    checked(::chown((directory / "below/file").c_str(), 7, 7), "chown");
  }
  ~Source() { ::umount2((directory / "below").c_str(), MNT_DETACH); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
};

json bind_and_look(const Runtime& runtime, const Source& source, std::vector<std::string> options,
                   bool with_maps, Bundle& bundle) {
  bundle.add_mount("/mnt", "bind", source.directory.path(), std::move(options));
  if (with_maps) {
    bundle.mount_at("/mnt")["uidMappings"] = kMap;
    bundle.mount_at("/mnt")["gidMappings"] = kMap;
  }
  return act(runtime, bundle, {{"stat", "/mnt/file"}, {"stat", "/mnt/below/file"}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(idmapped_mounts, *needs::root())

BOOST_AUTO_TEST_CASE(mappings_of_the_mount_change_the_owner) {
  Runtime runtime;
  Source source;
  Bundle bundle;
  json files = bind_and_look(runtime, source, {"rbind", "idmap"}, true, bundle);
  BOOST_TEST(files[0]["uid"] == 1007);
  BOOST_TEST(files[0]["gid"] == 1007);
  BOOST_TEST(files[1]["uid"] == 7);  // not recursive
}

BOOST_AUTO_TEST_CASE(mappings_without_the_word_imply_idmap) {
  Runtime runtime;
  Source source;
  Bundle bundle;
  json files = bind_and_look(runtime, source, {"rbind"}, true, bundle);
  BOOST_TEST(files[0]["uid"] == 1007);
  BOOST_TEST(files[1]["uid"] == 7);
}

BOOST_AUTO_TEST_CASE(ridmap_maps_what_is_mounted_below) {
  Runtime runtime;
  Source source;
  Bundle bundle;
  json files = bind_and_look(runtime, source, {"rbind", "ridmap"}, true, bundle);
  BOOST_TEST(files[0]["uid"] == 1007);
  BOOST_TEST(files[1]["uid"] == 1007);
}

BOOST_AUTO_TEST_CASE(idmap_alone_uses_the_maps_of_the_user_namespace) {
  Runtime runtime;
  Source source;
  Bundle bundle;
  bundle.add_user_namespace(kHostId, 1000);
  json files = bind_and_look(runtime, source, {"rbind", "idmap"}, false, bundle);
  BOOST_TEST(files[0]["uid"] == 7);      // 7 on disk is the container's 7
  BOOST_TEST(files[1]["uid"] == 65534);  // not mapped: nobody's
}

BOOST_AUTO_TEST_CASE(writes_through_a_mapped_mount_are_mapped_back) {
  Runtime runtime;
  TempDir source;
  checked(::chown(source.path().c_str(), 0, 0), "chown");
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.add_mount("/mnt", "bind", source.path(), {"bind", "idmap"});
  BOOST_TEST(act(runtime, bundle, {{"create", "/mnt/new"}})[0]["ok"] == true);
  struct stat status {};
  checked(::stat((source / "new").c_str(), &status), "stat");
  BOOST_TEST(status.st_uid == 0U);
}

BOOST_AUTO_TEST_CASE(only_one_of_the_mappings_is_an_error) {  // E07
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", "/tmp", {"bind", "idmap"});
  bundle.mount_at("/mnt")["uidMappings"] = kMap;
  check_refused(runtime, bundle, "/mounts/7");
}

BOOST_AUTO_TEST_CASE(idmap_without_mappings_and_user_namespace_is_an_error) {  // E08
  Runtime runtime;
  for (const char* word : {"idmap", "ridmap"}) {
    Bundle bundle;
    bundle.add_mount("/mnt", "bind", "/tmp", {"bind", word});
    check_refused(runtime, bundle, "/mounts/7");
  }
}

BOOST_AUTO_TEST_CASE(file_system_without_support_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", "/sys/kernel", {"bind", "idmap"});
  bundle.mount_at("/mnt")["uidMappings"] = kMap;
  bundle.mount_at("/mnt")["gidMappings"] = kMap;
  check_refused(runtime, bundle, "mounts[7]");
}

BOOST_AUTO_TEST_SUITE_END()
