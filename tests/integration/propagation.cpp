// Which mounts of the host reach a container, and which of its mounts reach the host.
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// What is mounted below `path` its copies get, too, and the other way round: as all mounts of a
// host whose init is systemd. A mount of its own unless it is "/".
class Shared {
 public:
  explicit Shared(std::string path) : path_{std::move(path)} {
    if (path_ != "/") checked(::mount(path_.c_str(), path_.c_str(), "", MS_BIND, nullptr), "bind");
    checked(::mount("", path_.c_str(), "", MS_SHARED, nullptr), "shared");
  }
  ~Shared() {
    if (path_ == "/")
      ::mount("", "/", "", MS_SLAVE, nullptr);
    else
      ::umount2(path_.c_str(), MNT_DETACH);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

 private:
  std::string path_;
};

// A shared mount of the host, with another one below it.
class Volume {
 public:
  Volume() {
    for (const char* name : {"below", "late"}) std::filesystem::create_directory(*this / name);
    mount("below");
  }
  void mount(const std::string& name) const {
    checked(::mount("tmpfs", (*this / name).c_str(), "tmpfs", 0, "size=64k"), "mount");
  }
  const std::string& path() const { return directory_.path(); }
  std::string operator/(const std::string& name) const { return directory_ / name; }

 private:
  TempDir directory_;
  Shared shared_{directory_.path()};
};

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

BOOST_AUTO_TEST_SUITE_END()
