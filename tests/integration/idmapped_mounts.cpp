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

// The mount of a new file system, as the container sees it: its root, and a file that the
// container's root makes there.
json mount_and_look(const Runtime& runtime, const std::string& type,
                    std::vector<std::string> options, const json& mappings, Bundle& bundle) {
  bundle.add_mount("/mnt", type, type, std::move(options));
  if (!mappings.is_null()) {
    bundle.mount_at("/mnt")["uidMappings"] = mappings;
    bundle.mount_at("/mnt")["gidMappings"] = mappings;
  }
  return act(runtime, bundle, {{"stat", "/mnt"}, {"create", "/mnt/new"}, {"stat", "/mnt/new"}});
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

BOOST_AUTO_TEST_CASE(new_file_system_is_mapped_as_a_bind_mount_is,  // E09
                     *needs::ocelot("runc maps bind mounts alone")) {
  Runtime runtime;
  {
    Bundle bundle;  // the control: not mapped
    const json seen = mount_and_look(runtime, "tmpfs", {}, nullptr, bundle);
    BOOST_TEST(seen[0]["uid"] == 0);
    BOOST_TEST(seen[1]["ok"] == true);
  }
  for (const char* word : {"idmap", "ridmap", "nosuid"}) {
    Bundle bundle;
    const json seen = mount_and_look(runtime, "tmpfs", {word}, kMap, bundle);
    BOOST_TEST(seen[0]["uid"] == 1000, seen.dump());
    BOOST_TEST(seen[0]["gid"] == 1000, seen.dump());
    BOOST_TEST(seen[1]["errno"] == "EOVERFLOW", seen.dump());  // no id of the file system is root's
  }
}

BOOST_AUTO_TEST_CASE(new_file_system_with_idmap_belongs_to_the_root_of_the_user_namespace,
                     *needs::ocelot("runc maps bind mounts alone")) {
  Runtime runtime;
  const json own = json::parse(R"([{"containerID": 0, "hostID": 100000, "size": 65536}])");
  for (const json& mappings : {json(nullptr), own}) {
    Bundle bundle;
    bundle.add_user_namespace(kHostId);
    const json seen = mount_and_look(runtime, "tmpfs", {"idmap"}, mappings, bundle);
    BOOST_TEST(seen[0]["uid"] == 0, seen.dump());
    BOOST_TEST(seen[1]["ok"] == true, seen.dump());
    BOOST_TEST(seen[2]["uid"] == 0, seen.dump());
  }
  // The mapping is the mount's: by another one its ids are nobody's.
  Bundle bundle;
  bundle.add_user_namespace(kHostId);
  const json seen = mount_and_look(runtime, "tmpfs", {"idmap"}, kMap, bundle);
  BOOST_TEST(seen[0]["uid"] == 65534, seen.dump());
  BOOST_TEST(seen[1]["ok"] == false, seen.dump());
}

BOOST_AUTO_TEST_CASE(mapped_tmpfs_has_the_mode_of_what_it_covers_and_is_sealed_last,
                     *needs::ocelot("runc maps bind mounts alone")) {
  Runtime runtime;
  {
    Bundle bundle;
    bundle.add_user_namespace(kHostId).put_directory("/mnt", 01771);
    const json seen = mount_and_look(runtime, "tmpfs", {"idmap"}, nullptr, bundle);
    BOOST_TEST(seen[0]["mode"] == 01771, seen.dump());
  }
  {
    Bundle bundle;
    bundle.add_user_namespace(kHostId).put_directory("/mnt", 01771);
    const json seen =
        mount_and_look(runtime, "tmpfs", {"idmap", "mode=0700", "ro"}, nullptr, bundle);
    BOOST_TEST(seen[0]["mode"] == 0700, seen.dump());
    BOOST_TEST(seen[1]["errno"] == "EROFS", seen.dump());
  }
  {
    Bundle bundle;
    bundle.add_user_namespace(kHostId).put("/mnt/copied", "up");
    bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"idmap", "tmpcopyup", "ro"});
    const json seen = act(runtime, bundle, {{"read", "/mnt/copied"}, {"create", "/mnt/new"}});
    BOOST_TEST(seen[0]["ok"] == true, seen.dump());
    BOOST_TEST(seen[1]["errno"] == "EROFS", seen.dump());
  }
}

BOOST_AUTO_TEST_CASE(mapped_file_systems_keep_their_place_among_many_bind_mounts,
                     *needs::ocelot("runc maps bind mounts alone")) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace(kHostId);
  TempDir source;
  write_file(source / "file", "bound");
  for (int i = 0; i < 70; ++i) {  // more than are open at once
    const std::string at = "/mnt/" + std::to_string(i);
    if (i % 3 == 0) {
      bundle.add_mount(at, "tmpfs", "tmpfs", {"idmap"});
    } else {
      bundle.add_mount(at, "bind", source.path(), {"bind"});
    }
  }
  std::vector<Action> looks;
  for (int i = 0; i < 70; ++i) looks.push_back({"access", "/mnt/" + std::to_string(i) + "/file"});
  const json seen = act(runtime, bundle, looks);
  for (std::size_t i = 0; i < 70; ++i) BOOST_TEST(seen[i]["ok"] == (i % 3 != 0), i);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_mapped_is_an_error_and_is_not_ignored) {
  Runtime runtime;
  for (const char* type : {"proc", "sysfs", "mqueue", "devpts", "cgroup"}) {
    Bundle bundle;
    bundle.add_mount("/mnt", type, type, {"idmap"});
    bundle.mount_at("/mnt")["uidMappings"] = kMap;
    bundle.mount_at("/mnt")["gidMappings"] = kMap;
    check_refused(runtime, bundle, "/mounts/7");
  }
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "tmpfs");
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"remount", "ro", "idmap"});
  bundle.config["mounts"][8]["uidMappings"] = kMap;
  bundle.config["mounts"][8]["gidMappings"] = kMap;
  check_refused(runtime, bundle, "/mounts/8");
}

BOOST_AUTO_TEST_CASE(new_file_system_without_support_is_an_error, *needs::filesystem("bpf")) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bpf", "bpf", {"idmap"});
  bundle.mount_at("/mnt")["uidMappings"] = kMap;
  bundle.mount_at("/mnt")["gidMappings"] = kMap;
  check_refused(runtime, bundle, "mounts[7]");
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
