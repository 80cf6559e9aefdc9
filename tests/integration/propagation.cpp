// Which mounts of the host reach a container, and which of its mounts reach the host.
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// What is mounted below `path` its copies get, too, and the other way round: as all mounts of a
// host whose init is systemd. A mount of its own where none is there.
class Shared {
 public:
  explicit Shared(std::string path) : path_{std::move(path)} {
    if (::mount("", path_.c_str(), "", MS_SHARED, nullptr) == 0) return;
    checked(::mount(path_.c_str(), path_.c_str(), "", MS_BIND, nullptr), "bind");
    ours_ = true;
    checked(::mount("", path_.c_str(), "", MS_SHARED, nullptr), "shared");
  }
  ~Shared() {
    if (ours_)
      ::umount2(path_.c_str(), MNT_DETACH);
    else
      ::mount("", path_.c_str(), "", MS_SLAVE, nullptr);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

 private:
  std::string path_;
  bool ours_ = false;
};

void mount_tmpfs(const std::string& path) {
  checked(::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=64k"), "mount");
}

// A shared mount of the host, with another one below it.
class Volume {
 public:
  Volume() {
    for (const char* name : {"below", "late", "inside"})
      std::filesystem::create_directory(*this / name);
    mount_tmpfs(*this / "below");
  }
  const std::string& path() const { return directory_.path(); }
  std::string operator/(const std::string& name) const { return directory_ / name; }

 private:
  TempDir directory_;
  Shared shared_{directory_.path()};
};

// A value of rootfsPropagation, and which ways mounts go by it.
struct Word {
  const char* word;
  bool from_host, to_host;
};
constexpr Word kWords[] = {{"", true, false},
                           {"rslave", true, false},
                           {"rprivate", false, false},
                           {"shared", true, true},
                           {"rshared", true, true}};

bool is_mounted(const std::string& table, const std::string& path) {
  return contains(table, " " + path + " ");
}

// Creates a container and looks at the mounts of the host before and after; with hooks, as the root
// lies at its path then until it is entered, and without, when it lies upon "/".
void check_that_host_keeps_its_mounts(const std::string& word,
                                      const std::vector<std::string>& flags) {
  Runtime runtime;
  const Shared root{"/"};
  for (const bool hooks : {false, true}) {
    Bundle bundle;
    const Shared around{bundle.path()};
    const Volume volume;
    bundle.linux()["rootfsPropagation"] = word;
    bundle.add_mount("/mnt", "bind", volume.path(), {"rbind"});
    if (hooks) bundle.config["hooks"]["createContainer"] = {{{"path", "/bin/true"}}};
    const std::string before = read_file("/proc/self/mountinfo");
    Container container = runtime.must_create(bundle.args({"true"}), "c", flags);
    BOOST_TEST_CONTEXT("\"" << word << "\"" << (hooks ? " with hooks" : ""))
    BOOST_TEST(read_file("/proc/self/mountinfo") == before);
    BOOST_TEST(container.del({"--force"}).status == 0);
    container.wait();
  }
}

void check_ways_of_a_bind(const Word& word) {
  Runtime runtime;
  Bundle bundle;
  const Volume volume;
  bundle.capabilities({"CAP_SYS_ADMIN"});
  bundle.add_mount("/mnt", "bind", volume.path(), {"rbind"});
  bundle.linux()["rootfsPropagation"] = word.word;
  const Running running{runtime, bundle};
  mount_tmpfs(volume / "late");
  BOOST_TEST(running.exec({"mount", "-t", "tmpfs", "tmpfs", "/mnt/inside"}).status == 0);
  const std::string inside = running.exec({"cat", "/proc/self/mountinfo"}).out;
  BOOST_TEST(is_mounted(inside, "/mnt/inside"), word.word << "\n" << inside);
  BOOST_TEST(is_mounted(inside, "/mnt/late") == word.from_host, word.word << "\n" << inside);
  const std::string outside = read_file("/proc/self/mountinfo");
  BOOST_TEST(is_mounted(outside, volume / "inside") == word.to_host, word.word);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(propagation, *needs::root())

BOOST_AUTO_TEST_CASE(mounts_of_the_host_stay_as_they_are) {
  for (const char* word : {"", "rprivate", "shared", "rshared"})
    check_that_host_keeps_its_mounts(word, {});
}

BOOST_AUTO_TEST_CASE(mounts_of_the_host_stay_as_they_are_without_pivot_root,
                     *needs::ocelot("runc 1.1.5 moves a shared root upon that of the host")) {
  for (const char* word : {"", "shared", "rshared"})
    check_that_host_keeps_its_mounts(word, {"--no-pivot"});
}

BOOST_AUTO_TEST_CASE(mounts_below_the_rootfs_arrive_as_its_propagation_says) {
  Runtime runtime;
  for (const Word& word : kWords) {
    if (word.to_host && Runtime::is_reference()) continue;  // then none arrives there
    Bundle bundle;
    bundle.put_directory("/late");
    const Shared around{bundle.rootfs()};
    bundle.linux()["rootfsPropagation"] = word.word;
    const Running running{runtime, bundle};
    mount_tmpfs(bundle.rootfs() + "/late");
    const std::string inside = running.exec({"cat", "/proc/self/mountinfo"}).out;
    BOOST_TEST(is_mounted(inside, "/late") == word.from_host, word.word << "\n" << inside);
  }
}

BOOST_AUTO_TEST_CASE(mounts_in_a_bind_go_the_ways_that_the_propagation_of_the_root_says) {
  for (const Word& word : kWords) check_ways_of_a_bind(word);
}

BOOST_AUTO_TEST_CASE(they_go_those_ways_without_the_r_too,
                     *needs::ocelot("runc leaves what is bound a full peer of the host's mount")) {
  for (const Word& word : {Word{"slave", true, false}, Word{"private", false, false}})
    check_ways_of_a_bind(word);
}

BOOST_AUTO_TEST_CASE(an_option_changes_one_mount_and_its_r_form_those_below_it_too) {
  Runtime runtime;
  const Volume volume;
  // What /mnt and /mnt/below have of it.
  const auto propagation = [&](const char* of_root, const char* word) {
    Bundle bundle;
    bundle.linux()["rootfsPropagation"] = of_root;
    bundle.add_mount("/mnt", "bind", volume.path(), {"rbind", word});
    const json seen = report(runtime, bundle);
    return std::pair{mount_in(seen, "/mnt")["propagation"].dump(),
                     mount_in(seen, "/mnt/below")["propagation"].dump()};
  };
  const auto [one, below_one] = propagation("", "private");
  BOOST_TEST(one == "[]");
  BOOST_TEST(contains(below_one, "master:"), below_one);
  const auto [all, below_all] = propagation("", "rprivate");
  BOOST_TEST(all == "[]");
  BOOST_TEST(below_all == "[]");
  const auto [slave, below_slave] = propagation("shared", "slave");
  BOOST_TEST(contains(slave, "master:"), slave);
  BOOST_TEST(contains(below_slave, "shared:"), below_slave);
  const auto [slaves, below_slaves] = propagation("shared", "rslave");
  BOOST_TEST(contains(slaves, "master:"), slaves);
  BOOST_TEST(contains(below_slaves, "master:"), below_slaves);
  BOOST_TEST(!contains(below_slaves, "shared:"), below_slaves);
}

BOOST_AUTO_TEST_CASE(what_the_host_mounts_on_its_null_device_is_on_no_mask) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "file", "content\n");
  bundle.put("/secret", "secret\n");
  bundle.linux()["maskedPaths"] = {"/secret"};
  bundle.args(probe_args({{"hold"}, {"read", "/secret"}}));
  const Shared null{"/dev/null"};
  Container container = runtime.must_create(bundle);
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready\n");
  checked(::mount((files / "file").c_str(), "/dev/null", "", MS_BIND, nullptr), "bind");
  container.close_input();
  const std::string out = container.read_to_end();
  checked(::umount2("/dev/null", MNT_DETACH), "umount");
  BOOST_TEST(json::parse(out.substr(out.find('\n') + 1))[1]["text"] == "", out);
}

BOOST_AUTO_TEST_SUITE_END()
