#include "tests/engines/podman.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "tests/engines/image.hpp"
#include "tests/support/check.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {
namespace {

const std::string kCgroupParent = "/libpod_parent";

// podman binds its overlay store to itself for the length of every command. When two commands end
// at once (such as `rm` and conmon's clean-up) the bind may stay.
void unmount_store() {
  while (::umount("/var/lib/containers/storage/overlay") == 0) {
  }
}

std::string name_of(With with) {
  return with == With::Ocelot ? "ocelot" : "runc";
}

// One more setting of the file, in its table [engine].
void add_engine_setting(const std::string& file, const std::string& setting) {
  const std::string table = "[engine]\n";
  std::string text = read_file(file);
  text.insert(text.find(table) + table.size(), setting + "\n");
  write_file(file, text);
}

// Where a user may execute it, whatever directory the build is in.
std::string copy_of_runtime(const Sandbox& sandbox) {
  const std::string copy = sandbox / "ocelot";
  std::filesystem::copy_file(Runtime::path(), copy);
  return copy;
}

}  // namespace

Podman::Podman(const Sandbox& sandbox, const OrdinaryUser* user)
    : sandbox_{sandbox},
      user_{user},
      config_{sandbox / (user == nullptr ? "containers.conf" : "user-containers.conf")},
      storage_config_{OCELOT_SOURCE_DIR "/contrib/engines/podman/storage.conf"} {
  configure("podman/containers.conf", config_, user == nullptr ? "" : copy_of_runtime(sandbox));
  add_engine_setting(config_, "infra_image = \"localhost/pause\"");
  if (user != nullptr) {
    storage_config_ = sandbox / "user-storage.conf";
    write_file(storage_config_, "[storage]\ndriver = \"vfs\"\ngraphroot = \"" + user->home() +
                                    "/storage\"\nrunroot = \"" + user->runtime_directory() +
                                    "/storage\"\n");
  }
  must({"load", "--quiet", "--input", busybox_archive(sandbox_, "busybox")});
}

void Podman::make_pause_image() const {
  if (call({"image", "exists", "pause"}).status == 0) return;
  must({"create", "--quiet", "--name", "pause", "busybox", "sleep", "1000"});
  must({"commit", "--quiet", "pause", "pause"});
  must({"rm", "pause"});
}

std::vector<std::string> Podman::command(const std::vector<std::string>& words) const {
  std::vector<std::string> line{"podman"};
  line.insert(line.end(), words.begin(), words.end());
  return user_ == nullptr ? line : user_->command(line);
}

RunOptions Podman::options() const {
  std::vector<std::string> environment{"CONTAINERS_CONF=" + config_,
                                       "CONTAINERS_STORAGE_CONF=" + storage_config_};
  if (user_ != nullptr) {
    for (const std::string& entry : user_->environment()) environment.push_back(entry);
  }
  return sandbox_.options(std::move(environment));
}

Output Podman::call(const std::vector<std::string>& words, RunOptions more) const {
  RunOptions ours = options();
  more.clean_env = true;
  more.env = ours.env;
  more.cwd = ours.cwd;
  return test::run(command(words), std::move(more));
}

std::string Podman::must(const std::vector<std::string>& words) const {
  Output output = call(words);
  if (output.status != 0)
    throw std::runtime_error("podman " + words[0] + " failed: " + output.err + output.out);
  if (output.out.ends_with('\n')) output.out.pop_back();
  return output.out;
}

std::vector<std::string> Podman::run_words(With with, const std::vector<std::string>& flags,
                                           const std::vector<std::string>& args) const {
  std::vector<std::string> words{"--runtime", name_of(with), "run", "--rm"};
  if (std::count(flags.begin(), flags.end(), "--network") == 0)
    words.insert(words.end(), {"--network", "none"});
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back("busybox");
  words.insert(words.end(), args.begin(), args.end());
  return words;
}

void Podman::start(With with, const std::string& name, const std::vector<std::string>& flags,
                   const std::string& script) const {
  std::vector<std::string> words{"--runtime", name_of(with), "run",       "-d",
                                 "--name",    name,          "--network", "none"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"busybox", "sh", "-c", script});
  must(words);
  Command logs{command({"logs", "--follow", name}), options()};
  logs.read_until("up\n");
}

PodmanCase::PodmanCase() : podman{Podman::instance()}, before{{"/run/ocelot", "/run/runc"}} {
  BOOST_TEST_REQUIRE(podman.must({"ps", "--all", "--quiet"}) == "");
}

PodmanCase::~PodmanCase() {
  BOOST_TEST(podman.call({"ps", "--all", "--quiet"}).out == "");
  BOOST_TEST(podman.call({"rm", "--all", "--force", "--time", "0"}).status == 0);
  wait_for_helpers();
  unmount_store();
  for (const std::string& item : before.since())
    if (!is_cache(item)) BOOST_ERROR("left behind: " << item);
  for (const std::string& cgroup : cgroups_below(kCgroupParent)) BOOST_TEST(cgroup == "conmon");
}

Output PodmanCase::same_as_runc(const std::string& script, const std::vector<std::string>& flags,
                                const RunOptions& more) {
  return same_as_runc_args({"sh", "-c", script}, flags, more);
}

Output PodmanCase::same_as_runc_args(const std::vector<std::string>& args,
                                     const std::vector<std::string>& flags,
                                     const RunOptions& more) {
  Output ocelot = podman.call(podman.run_words(With::Ocelot, flags, args), more);
  Output runc = podman.call(podman.run_words(With::Runc, flags, args), more);
  BOOST_TEST(ocelot.status == runc.status);
  BOOST_TEST(ocelot.out == runc.out);
  BOOST_TEST(ocelot.err.empty() == runc.err.empty(),
             "ocelot: " << ocelot.err << "runc: " << runc.err);
  return ocelot;
}

namespace {

// podman for all tests of the program. The cgroup that it made as the parent of its containers it
// keeps; here it goes with it.
struct PodmanEngine {
  void setup() {
    had_parent = !cgroups_below(kCgroupParent).empty();
    sandbox.emplace();
    podman.emplace(*sandbox);
  }
  void teardown() {
    podman.reset();
    sandbox.reset();
    if (had_parent) return;
    for (const std::string& cgroup : remove_cgroups(kCgroupParent))
      Runtime::complaints().push_back(cgroup + " stays");
  }

  bool had_parent = false;
  static inline std::optional<Sandbox> sandbox;
  static inline std::optional<Podman> podman;
};
BOOST_TEST_GLOBAL_FIXTURE(PodmanEngine);

}  // namespace

const Podman& Podman::instance() {
  return PodmanEngine::podman.value();
}

}  // namespace ocelot::test
