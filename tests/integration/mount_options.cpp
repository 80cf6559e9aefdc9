// Every mount option, seen in the container's mount table.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

json tmpfs_with(const Runtime& runtime, std::vector<std::string> options) {
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", std::move(options));
  return mount_in(report(runtime, bundle), "/mnt");
}

// A directory with a tmpfs mounted on its `below`.
class Nested {
 public:
  explicit Nested(unsigned long flags = 0) {
    std::filesystem::create_directory(directory_ / "below");
    checked(::mount("tmpfs", (directory_ / "below").c_str(), "tmpfs", flags, "size=64k"), "mount");
  }
  ~Nested() { ::umount2((directory_ / "below").c_str(), MNT_DETACH); }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
  const std::string& path() const { return directory_.path(); }

 private:
  TempDir directory_;
};

json bind_with(const Runtime& runtime, const Nested& source, std::vector<std::string> options) {
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", source.path(), std::move(options));
  return report(runtime, bundle);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mount_options, *needs::root())

BOOST_AUTO_TEST_CASE(flags_of_the_mount_are_set) {
  Runtime runtime;
  for (const char* flag : {"ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"})
    BOOST_TEST(has_option(tmpfs_with(runtime, {flag}), flag), flag);
}

BOOST_AUTO_TEST_CASE(nosymfollow_is_set) {
  Runtime runtime;
  BOOST_TEST(has_option(tmpfs_with(runtime, {"nosymfollow"}), "nosymfollow"));
  BOOST_TEST(!has_option(tmpfs_with(runtime, {"nosymfollow", "symfollow"}), "nosymfollow"));
}

BOOST_AUTO_TEST_CASE(a_later_word_clears_an_earlier_one) {
  Runtime runtime;
  json mount = tmpfs_with(runtime, {"ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime",
                                    "rw", "suid", "dev", "exec", "atime", "diratime"});
  for (const char* flag : {"ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"})
    BOOST_TEST(!has_option(mount, flag), flag);
}

BOOST_AUTO_TEST_CASE(access_time_is_relative_unless_told_otherwise) {
  Runtime runtime;
  BOOST_TEST(has_option(tmpfs_with(runtime, {}), "relatime"));
  BOOST_TEST(has_option(tmpfs_with(runtime, {"relatime"}), "relatime"));
  json strict = tmpfs_with(runtime, {"strictatime"});
  BOOST_TEST(!has_option(strict, "relatime"));
  BOOST_TEST(!has_option(strict, "noatime"));
}

BOOST_AUTO_TEST_CASE(flags_of_the_file_system_are_set) {
  Runtime runtime;
  auto super = [&](const char* option) {
    return "," + tmpfs_with(runtime, {option})["super"].get<std::string>() + ",";
  };
  BOOST_TEST(contains(super("sync"), ",sync,"));
  BOOST_TEST(contains(super("dirsync"), ",dirsync,"));
  BOOST_TEST(contains(super("lazytime"), ",lazytime,"));
  for (const char* without : {"async", "nolazytime", "nomand", "noiversion", "loud"})
    BOOST_TEST(super(without) == super("rw"), without);
}

BOOST_AUTO_TEST_CASE(defaults_changes_nothing) {
  Runtime runtime;
  BOOST_TEST(tmpfs_with(runtime, {"defaults"})["options"] == tmpfs_with(runtime, {})["options"]);
}

BOOST_AUTO_TEST_CASE(words_without_a_flag_of_their_own_are_accepted) {
  Runtime runtime;
  for (const char* word : {"mand", "silent", "loud", "norelatime", "nostrictatime"})
    BOOST_TEST(tmpfs_with(runtime, {word})["type"] == "tmpfs", word);
}

BOOST_AUTO_TEST_CASE(other_words_are_data_for_the_file_system) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"size=64k", "mode=701", "uid=7", "gid=8"});
  json outcomes = act(runtime, bundle, {{"statfs", "/mnt"}, {"stat", "/mnt"}});
  BOOST_TEST(outcomes[0]["blocks"] == 16);
  BOOST_TEST(outcomes[1]["mode"] == 0701);
  BOOST_TEST(outcomes[1]["uid"] == 7);
  BOOST_TEST(outcomes[1]["gid"] == 8);
}

BOOST_AUTO_TEST_CASE(data_that_the_file_system_does_not_know_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"nosuchoption"});
  check_refused(runtime, bundle, "mounts[7]");
}

BOOST_AUTO_TEST_CASE(bind_mount_with_data_is_an_error) {  // E10
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", "/tmp", {"bind", "nosuchoption"});
  check_refused(runtime, bundle, "/mounts/7/options");
}

BOOST_AUTO_TEST_CASE(bind_takes_flags) {
  Runtime runtime;
  Nested source;
  for (const char* flag : {"ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"})
    BOOST_TEST(has_option(mount_in(bind_with(runtime, source, {"bind", flag}), "/mnt"), flag),
               flag);
}

BOOST_AUTO_TEST_CASE(bind_leaves_out_what_is_mounted_below_and_rbind_does_not) {
  Runtime runtime;
  Nested source;
  BOOST_TEST(mount_in(bind_with(runtime, source, {"bind"}), "/mnt/below").is_null());
  BOOST_TEST(mount_in(bind_with(runtime, source, {"rbind"}), "/mnt/below")["type"] == "tmpfs");
}

BOOST_AUTO_TEST_CASE(plain_flags_of_rbind_are_for_the_top_mount_alone) {
  Runtime runtime;
  Nested source;
  json seen = bind_with(runtime, source, {"rbind", "ro"});
  BOOST_TEST(has_option(mount_in(seen, "/mnt"), "ro"));
  BOOST_TEST(has_option(mount_in(seen, "/mnt/below"), "rw"));
}

BOOST_AUTO_TEST_CASE(recursive_flags_are_for_every_mount_below) {
  Runtime runtime;
  Nested source;
  for (auto [word, flag] :
       {std::pair{"rro", "ro"}, std::pair{"rnosuid", "nosuid"}, std::pair{"rnodev", "nodev"},
        std::pair{"rnoexec", "noexec"}, std::pair{"rnodiratime", "nodiratime"},
        std::pair{"rnoatime", "noatime"}}) {
    json seen = bind_with(runtime, source, {"rbind", word});
    BOOST_TEST(has_option(mount_in(seen, "/mnt"), flag), word);
    BOOST_TEST(has_option(mount_in(seen, "/mnt/below"), flag), word);
  }
}

BOOST_AUTO_TEST_CASE(recursive_flags_can_be_cleared) {
  Runtime runtime;
  Nested source{MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NODIRATIME};
  for (auto [word, flag] :
       {std::pair{"rrw", "ro"}, std::pair{"rsuid", "nosuid"}, std::pair{"rdev", "nodev"},
        std::pair{"rexec", "noexec"}, std::pair{"rdiratime", "nodiratime"}}) {
    json seen = bind_with(runtime, source, {"rbind", word});
    BOOST_TEST(!has_option(mount_in(seen, "/mnt/below"), flag), word);
  }
}

BOOST_AUTO_TEST_CASE(recursive_access_time_words_replace_one_another) {  // L19
  Runtime runtime;
  Nested source{MS_NOATIME};
  auto below = [&](const char* word) {
    return mount_in(bind_with(runtime, source, {"rbind", word}), "/mnt/below");
  };
  for (const char* word : {"rrelatime", "ratime", "rnostrictatime"}) {
    BOOST_TEST(has_option(below(word), "relatime"), word);
    BOOST_TEST(!has_option(below(word), "noatime"), word);
  }
  BOOST_TEST(!has_option(below("rstrictatime"), "relatime"));
  BOOST_TEST(!has_option(below("rstrictatime"), "noatime"));
}

BOOST_AUTO_TEST_CASE(recursive_nosymfollow_can_be_set_and_cleared) {
  Runtime runtime;
  Nested source;
  BOOST_TEST(
      has_option(mount_in(bind_with(runtime, source, {"rbind", "rnosymfollow"}), "/mnt/below"),
                 "nosymfollow"));
  Nested locked{256 /* MS_NOSYMFOLLOW */};
  BOOST_TEST(!has_option(
      mount_in(bind_with(runtime, locked, {"rbind", "rsymfollow"}), "/mnt/below"), "nosymfollow"));
}

BOOST_AUTO_TEST_CASE(propagation_words_set_the_propagation_of_the_mount) {
  Runtime runtime;
  Nested source;
  auto tags = [&](const char* word, const char* point) {
    return mount_in(bind_with(runtime, source, {"rbind", word}), point)["propagation"].dump();
  };
  BOOST_TEST(contains(tags("shared", "/mnt"), "shared:"));
  BOOST_TEST(!contains(tags("shared", "/mnt/below"), "shared:"));
  BOOST_TEST(contains(tags("rshared", "/mnt/below"), "shared:"));
  BOOST_TEST(contains(tags("unbindable", "/mnt"), "unbindable"));
  BOOST_TEST(contains(tags("runbindable", "/mnt/below"), "unbindable"));
}

BOOST_AUTO_TEST_CASE(propagation_of_a_new_file_system_is_set_too) {
  Runtime runtime;
  const auto tags = [&](const char* word) {
    return tmpfs_with(runtime, {word})["propagation"].dump();
  };
  BOOST_TEST(contains(tags("shared"), "shared:"));
  BOOST_TEST(contains(tags("unbindable"), "unbindable"));
}

BOOST_AUTO_TEST_CASE(recursive_words_hold_for_new_file_systems_and_remounts,
                     *needs::ocelot("runc knows them since 1.2")) {
  Runtime runtime;
  BOOST_TEST(has_option(tmpfs_with(runtime, {"rnosuid"}), "nosuid"));
  Nested source;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", source.path(), {"rbind"});
  bundle.add_mount("/mnt", "none", source.path(), {"remount", "bind", "rnoexec"});
  const json seen = report(runtime, bundle);
  for (const char* point : {"/mnt", "/mnt/below"})
    BOOST_TEST(has_option(mount_in(seen, point), "noexec"), point);
}

BOOST_AUTO_TEST_CASE(mounts_of_the_host_reach_a_slave) {  // L6
  Runtime runtime;
  TempDir shared;
  checked(::mount(shared.path().c_str(), shared.path().c_str(), nullptr, MS_BIND, nullptr), "bind");
  checked(::mount(nullptr, shared.path().c_str(), nullptr, MS_SHARED, nullptr), "shared");
  std::filesystem::create_directory(shared / "late");
  Bundle bundle;
  bundle.linux()["rootfsPropagation"] = "rslave";
  bundle.add_mount("/mnt", "bind", shared.path(), {"rbind", "rslave"});
  Container container = runtime.must_create(bundle.args(probe_args({{"hold"}, {"report"}})));
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready\n");
  checked(::mount("tmpfs", (shared / "late").c_str(), "tmpfs", 0, "size=64k"), "mount");
  container.close_input();
  std::string out = container.read_to_end();
  json seen = json::parse(out.substr(out.find('\n') + 1));
  BOOST_TEST(mount_in(seen[1], "/mnt/late")["type"] == "tmpfs");
  BOOST_TEST(contains(mount_in(seen[1], "/mnt")["propagation"].dump(), "master:"));
  checked(::umount2((shared / "late").c_str(), MNT_DETACH), "umount");
  checked(::umount2(shared.path().c_str(), MNT_DETACH), "umount");
}

BOOST_AUTO_TEST_CASE(tmpcopyup_copies_what_it_covers) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/data", 01751);
  bundle.put("/data/file", "content", 0644);
  checked(::chown((bundle.rootfs() + "/data/file").c_str(), 7, 8), "chown");
  bundle.put("/data/sub/deep", "deeper");
  std::filesystem::create_symlink("file", bundle.rootfs() + "/data/link");
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  json outcomes = act(runtime, bundle,
                      {{"read", "/data/file"},
                       {"stat", "/data/file"},
                       {"read", "/data/sub/deep"},
                       {"stat", "/data/link"},
                       {"stat", "/data"},
                       {"create", "/data/new"}});
  BOOST_TEST(outcomes[0]["text"] == "content");
  BOOST_TEST(outcomes[1]["mode"] == 0644);
  BOOST_TEST(outcomes[1]["uid"] == 7);
  BOOST_TEST(outcomes[1]["gid"] == 8);
  BOOST_TEST(outcomes[2]["text"] == "deeper");
  BOOST_TEST(outcomes[3]["target"] == "file");
  BOOST_TEST(outcomes[4]["mode"] == 01751);
  BOOST_TEST(outcomes[5]["ok"] == true);
  BOOST_TEST(!std::filesystem::exists(bundle.rootfs() + "/data/new"));
}

BOOST_AUTO_TEST_CASE(tmpcopyup_keeps_owners_and_modes) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/data");
  bundle.put("/data/program", "", 0755);
  bundle.put_directory("/data/shared");
  const std::string data = bundle.rootfs() + "/data";
  std::filesystem::create_symlink("program", data + "/link");
  for (const char* name : {"", "/program", "/shared", "/link"})
    checked(::lchown((data + name).c_str(), 7, 8), "lchown");
  checked(::chmod((data + "/program").c_str(), 06751), "chmod");
  checked(::chmod((data + "/shared").c_str(), 03771), "chmod");
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  const json outcomes = act(runtime, bundle,
                            {{"stat", "/data"},
                             {"stat", "/data/program"},
                             {"stat", "/data/shared"},
                             {"stat", "/data/link"}});
  for (const json& outcome : outcomes) {
    BOOST_TEST(outcome["uid"] == 7, outcome.dump());
    BOOST_TEST(outcome["gid"] == 8, outcome.dump());
  }
  BOOST_TEST(outcomes[1]["mode"] == 06751);
  BOOST_TEST(outcomes[2]["mode"] == 03771);
}

BOOST_AUTO_TEST_CASE(tmpcopyup_copies_files_of_every_kind,
                     *needs::ocelot("runc 1.1 stops at a device or a pipe")) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/data");
  const std::string data = bundle.rootfs() + "/data";
  checked(::mknod((data + "/zero").c_str(), S_IFCHR | 0600, ::makedev(1, 5)), "mknod");
  checked(::mkfifo((data + "/pipe").c_str(), 0600), "mkfifo");
  checked(::mknod((data + "/socket").c_str(), S_IFSOCK | 0600, 0), "mknod");
  for (const char* name : {"/zero", "/pipe"})
    checked(::chown((data + name).c_str(), 7, 8), "chown");
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  const json outcomes =
      act(runtime, bundle, {{"stat", "/data/zero"}, {"stat", "/data/pipe"}, {"list", "/data"}});
  BOOST_TEST(outcomes[0]["type"] == "c");
  BOOST_TEST(outcomes[0]["rdev"] == (json{1, 5}));
  BOOST_TEST(outcomes[1]["type"] == "p");
  for (const std::size_t i : {0u, 1u}) {
    BOOST_TEST(outcomes[i]["uid"] == 7);
    BOOST_TEST(outcomes[i]["gid"] == 8);
    BOOST_TEST(outcomes[i]["mode"] == 0600);
  }
  // The copy of a socket nobody would listen at.
  BOOST_TEST(outcomes[2]["names"] == (json{"pipe", "zero"}));
}

BOOST_AUTO_TEST_CASE(tmpcopyup_copies_extended_attributes, *needs::ocelot("runc copies none")) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/data/file", "");
  bundle.put_directory("/data/sub");
  const std::string data = bundle.rootfs() + "/data";
  for (const char* name : {"/file", "/sub"})
    checked(::setxattr((data + name).c_str(), "trusted.told", "so", 2, 0), "setxattr");
  bundle.capabilities({"CAP_SYS_ADMIN"});
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  for (const json& outcome :
       act(runtime, bundle,
           {{"getxattr", "/data/file", "trusted.told"}, {"getxattr", "/data/sub", "trusted.told"}}))
    BOOST_TEST(outcome.value("value", "") == "so", outcome.dump());
}

BOOST_AUTO_TEST_CASE(tmpcopyup_of_directories_without_end_is_an_error,
                     *needs::ocelot("runc sets no bound")) {
  Runtime runtime;
  Bundle bundle;
  std::string deep = "/data";
  for (int depth = 0; depth < 70; ++depth) deep += "/d";
  bundle.put_directory(deep);
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  check_refused(runtime, bundle.args({"/bin/true"}), "nested too deep");
}

BOOST_AUTO_TEST_CASE(tmpcopyup_fills_a_tmpfs_before_it_turns_read_only) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/data/file", "content");
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup", "ro"});
  const json outcomes = act(runtime, bundle, {{"read", "/data/file"}, {"create", "/data/new"}});
  BOOST_TEST(outcomes[0]["text"] == "content");
  BOOST_TEST(outcomes[1]["errno"] == "EROFS");
}

BOOST_AUTO_TEST_CASE(tmpfs_without_a_mode_takes_that_of_the_covered_directory) {  // L3
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/data", 0710);
  bundle.add_mount("/data", "tmpfs", "tmpfs");
  json outcomes =
      act(runtime, bundle, {{"stat", "/data"}, {"stat", "/proc"}, {"stat", "/dev/mqueue"}});
  BOOST_TEST(outcomes[0]["mode"] == 0710);
  BOOST_TEST(outcomes[1]["mode"] == 0555);   // of proc itself
  BOOST_TEST(outcomes[2]["mode"] == 01777);  // of mqueue itself
}

BOOST_AUTO_TEST_CASE(remount_changes_what_is_mounted_already) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"nosuid"});
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"remount", "ro", "noexec", "nosuid"});
  json outcomes = act(runtime, bundle, {{"create", "/mnt/file"}, {"report"}});
  BOOST_TEST(outcomes[0]["errno"] == "EROFS");
  int mounted = 0;
  for (const json& mount : outcomes[1]["mounts"]) mounted += mount["point"] == "/mnt" ? 1 : 0;
  BOOST_TEST(mounted == 1);
  for (const char* flag : {"ro", "noexec", "nosuid"})
    BOOST_TEST(has_option(mount_in(outcomes[1], "/mnt"), flag), flag);
}

BOOST_AUTO_TEST_CASE(remount_of_a_bind_mount_changes_that_mount_alone) {
  Runtime runtime;
  Nested source;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", source.path(), {"rbind"});
  bundle.add_mount("/mnt", "none", source.path(), {"remount", "bind", "ro"});
  json outcomes =
      act(runtime, bundle, {{"create", "/mnt/file"}, {"create", "/mnt/below/file"}, {"report"}});
  BOOST_TEST(outcomes[0]["errno"] == "EROFS");
  BOOST_TEST(outcomes[1]["ok"] == true);
}

BOOST_AUTO_TEST_CASE(recursive_flags_do_below_what_they_say) {
  Runtime runtime;
  Nested source;
  const std::string below = source.path() + "/below/";
  write_file(below + "script", "#!/bin/sh\n");
  checked(::chmod((below + "script").c_str(), 0755), "chmod");
  std::filesystem::create_symlink("script", below + "link");
  checked(::mknod((below + "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), "mknod");
  for (auto [word, action, error] :
       {std::tuple{"rro", Action{"append", "/mnt/below/script", "\n"}, "EROFS"},
        std::tuple{"rnoexec", Action{"exec", "/mnt/below/script"}, "EACCES"},
        std::tuple{"rnosymfollow", Action{"read", "/mnt/below/link"}, "ELOOP"},
        std::tuple{"rnodev", Action{"open", "/mnt/below/null"}, "EACCES"}}) {
    for (const bool set : {false, true}) {
      Bundle bundle;
      bundle.add_mount("/mnt", "bind", source.path(), {"rbind"});
      if (set) bundle.mount_at("/mnt")["options"].push_back(word);
      const json seen = act(runtime, bundle, {action})[0];
      BOOST_TEST_CONTEXT(word << " " << seen.dump()) {
        BOOST_TEST(seen["ok"] == !set);
        if (set) BOOST_TEST(seen["errno"] == error);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(words_of_old_flags_are_accepted_by_every_file_system) {
  Runtime runtime;
  BOOST_TEST(tmpfs_with(runtime, {"iversion"})["type"] == "tmpfs");
}

BOOST_AUTO_TEST_CASE(a_readonly_tmpfs_takes_what_is_mounted_below_it) {
  Runtime runtime;
  Bundle bundle;
  Nested source;
  bundle.add_mount("/outer", "tmpfs", "tmpfs", {"ro"});
  bundle.add_mount("/outer/inner", "bind", source.path(), {"bind"});
  const json seen =
      act(runtime, bundle, {{"create", "/outer/file"}, {"create", "/outer/inner/file"}});
  BOOST_TEST(seen[0]["errno"] == "EROFS");
  BOOST_TEST(seen[1]["ok"] == true);
}

BOOST_AUTO_TEST_CASE(readonly_dev_has_its_devices) {
  for (const bool later : {false, true}) {
    Runtime runtime;
    Bundle bundle;
    if (later) {
      bundle.add_mount("/dev", "tmpfs", "tmpfs", {"remount", "ro"});
    } else {
      bundle.mount_at("/dev")["options"].push_back("ro");
    }
    const json seen = act(runtime, bundle,
                          {{"create", "/dev/file"}, {"open", "/dev/null"}, {"list", "/dev/pts"}});
    BOOST_TEST_CONTEXT((later ? "remount" : "mount") << " " << seen.dump()) {
      BOOST_TEST(seen[0]["errno"] == "EROFS");
      BOOST_TEST(seen[1]["ok"] == true);
      BOOST_TEST(seen[2]["ok"] == true);
    }
  }
}

BOOST_AUTO_TEST_CASE(remount_changes_what_the_file_system_itself_was_told) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"size=64k"});
  bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"remount", "size=128k"});
  const json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/mnt")["super"].get<std::string>().find("size=128k") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(remount_sets_flags_of_the_file_system_unless_it_is_of_a_bind_mount) {
  Runtime runtime;
  for (const bool bind : {false, true}) {
    Bundle bundle;
    bundle.add_mount("/mnt", "tmpfs", "tmpfs");
    if (bind) {
      bundle.add_mount("/mnt", "none", "/", {"remount", "bind", "sync"});
    } else {
      bundle.add_mount("/mnt", "tmpfs", "tmpfs", {"remount", "sync"});
    }
    const std::string super = mount_in(report(runtime, bundle), "/mnt")["super"];
    BOOST_TEST(contains("," + super + ",", ",sync,") == !bind, super);
  }
}

BOOST_AUTO_TEST_CASE(remount_of_what_is_not_there_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/nowhere", "tmpfs", "tmpfs", {"remount", "ro"});
  check_refused(runtime, bundle, "/nowhere");
}

BOOST_AUTO_TEST_CASE(recursive_words_hold_for_cgroup_mounts_too,
                     *needs::ocelot("runc knows them since 1.2") * needs::controller("pids")) {
  Runtime runtime;
  Bundle bundle;
  bundle.mount_at("/sys/fs/cgroup")["options"] = {"rro"};
  const json seen = act(runtime, bundle, {{"mkdir", "/sys/fs/cgroup/pids/own"}})[0];
  BOOST_TEST(seen["errno"] == "EROFS", seen.dump());
}

BOOST_AUTO_TEST_CASE(a_tmpfs_has_the_mode_of_what_it_covers_or_is_for_all) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/there");
  checked(::chmod((bundle.rootfs() + "/there").c_str(), 01711), "chmod");
  bundle.add_mount("/there", "tmpfs", "tmpfs");
  bundle.add_mount("/new", "tmpfs", "tmpfs");
  bundle.add_mount("/told", "tmpfs", "tmpfs", {"mode=700"});
  const json seen = act(runtime, bundle, {{"stat", "/there"}, {"stat", "/new"}, {"stat", "/told"}});
  BOOST_TEST(seen[0]["mode"] == 01711);
  BOOST_TEST(seen[1]["mode"] == 01777);
  BOOST_TEST(seen[2]["mode"] == 0700);
}

BOOST_AUTO_TEST_CASE(a_mode_that_is_told_is_that_of_the_tmpfs_whatever_it_covers,
                     *needs::ocelot("runc 1.1 takes that of the covered directory")) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/told");
  bundle.add_mount("/told", "tmpfs", "tmpfs", {"mode=700"});
  BOOST_TEST(act(runtime, bundle, {{"stat", "/told"}})[0]["mode"] == 0700);
}

BOOST_AUTO_TEST_CASE(a_word_of_several_is_parted_as_the_kernel_would) {
  Runtime runtime;
  const json mount = tmpfs_with(runtime, {"mode=711,size=64k", ""});
  const auto options = mount["super"].get<std::string>();
  BOOST_TEST(options.find("mode=711") != std::string::npos, options);
  BOOST_TEST(options.find("size=64k") != std::string::npos, options);
}

BOOST_AUTO_TEST_SUITE_END()
