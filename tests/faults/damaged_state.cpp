// What a damaged state directory makes the runtime do (F27): say so, never crash or hang, hit
// nobody else, and remove it when told to.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "tests/faults/alive.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

RunOptions within(std::chrono::milliseconds time) {
  RunOptions options;
  options.timeout = time;
  return options;
}

// A running container, whose state file is put in place again after every damage.
class Victim {
 public:
  Victim() : container_{start()}, intact_{read_file(state_file())} {}
  ~Victim() {
    if (fs::exists(runtime.root() + "/c")) restore();
  }

  std::string state_file() const { return runtime.root() + "/c/state.json"; }
  const std::string& intact() const { return intact_; }
  bool lives() const { return is_alive(container_.pidfd()); }

  void restore() {
    std::error_code ignored;
    fs::remove_all(state_file(), ignored);
    write_file(state_file(), intact_);
  }

  // Each verb that reads the state ends in time, with success or an error, and the container lives.
  void check_reading(const std::string& what) {
    BOOST_TEST_CONTEXT(what) {
      const Output state = runtime.call({"state", "c"}, within(2s));
      BOOST_TEST((state.status == 0 || state.status == 1), "status " << state.status);
      if (state.status == 1) BOOST_TEST(contains(state.err, "state.json"), state.err);
      const Output started = runtime.call({"start", "c"}, within(2s));
      BOOST_TEST(started.status == 1);
      BOOST_TEST(lives());
    }
  }

  // The state is refused as damaged.
  void check_refused(const std::string& what) {
    check_reading(what);
    BOOST_TEST_CONTEXT(what) {
      check_error(runtime.call({"state", "c"}, within(2s)), "state.json");
      check_error(runtime.call({"kill", "c", "KILL"}, within(2s)), "state.json");
      check_error(runtime.call({"delete", "c"}, within(2s)), "state.json");
      BOOST_TEST(lives());
    }
  }

  Runtime runtime;
  Bundle bundle;

 private:
  Container start() {
    Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
    container.start();
    return container;
  }

  Container container_;
  std::string intact_;
};

// A container with that done to its state file goes away by force, with its process and cgroup.
void check_removal(const std::string& what, const std::function<void(const std::string&)>& damage) {
  BOOST_TEST_CONTEXT(what) {
    Runtime runtime;
    Bundle bundle;
    const Leftovers before{{runtime.root()}};
    Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
    container.start();
    damage(runtime.root() + "/c/state.json");
    const Output removed = runtime.call({"delete", "--force", "c"}, within(10s));
    BOOST_TEST(removed.status == 0, removed.err);
    const std::vector<std::string> left = before.since();
    BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
  }
}

void replace_by(const std::string& file, const std::function<int()>& make) {
  checked(::unlink(file.c_str()), "unlink");
  checked(make(), "make " + file);
}

void truncate_to(const std::string& file, off_t size) {
  checked(::truncate(file.c_str(), size), "truncate " + file);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(damaged_state, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(a_state_that_was_cut_off_anywhere_is_refused) {
  Victim victim;
  const bool all = std::getenv("OCELOT_EVERY_CALL") != nullptr;
  const size_t size = victim.intact().size();
  for (size_t length = 0; length < size; length += all ? 1 : size / 40) {
    write_file(victim.state_file(), victim.intact().substr(0, length));
    const Output state = victim.runtime.call({"state", "c"}, within(2s));
    BOOST_TEST(state.status == 1, "cut to " << length);
    BOOST_TEST(contains(state.err, "state.json"), state.err);
  }
  truncate_to(victim.state_file(), static_cast<off_t>(size / 2));
  victim.check_refused("cut in half");
}

BOOST_AUTO_TEST_CASE(a_state_with_one_wrong_bit_is_refused) {
  Victim victim;
  const bool all = std::getenv("OCELOT_EVERY_CALL") != nullptr;
  const size_t bits = victim.intact().size() * 8;
  for (size_t bit = 0; bit < bits; bit += all ? 1 : 1 + bits / 60) {
    std::string damaged = victim.intact();
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    write_file(victim.state_file(), damaged);
    const Output state = victim.runtime.call({"state", "c"}, within(2s));
    BOOST_TEST(state.status == 1, "bit " << bit << " (" << victim.intact().substr(bit / 8, 12));
    BOOST_TEST(contains(state.err, "state.json"), state.err);
  }
}

// The digits that matter: with them, others would be hit.
BOOST_AUTO_TEST_CASE(another_cgroup_or_process_in_a_damaged_state_is_not_touched) {
  Victim victim;
  Bundle other_bundle;
  Runtime other_runtime;
  Container other = other_runtime.must_create(other_bundle.args({"/bin/sleep", "1000"}));
  other.start();
  const std::string mine = victim.bundle.linux()["cgroupsPath"];
  const std::string others = other_bundle.linux()["cgroupsPath"];
  std::string damaged = victim.intact();
  for (size_t at = 0; (at = damaged.find(mine, at)) != std::string::npos; at += others.size())
    damaged.replace(at, mine.size(), others);
  BOOST_TEST_REQUIRE(damaged != victim.intact());
  write_file(victim.state_file(), damaged);
  victim.check_refused("the cgroup of another container");
  const Output removed = victim.runtime.call({"delete", "--force", "c"}, within(10s));
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(is_alive(other.pidfd()));
  BOOST_TEST(!victim.lives());
}

BOOST_AUTO_TEST_CASE(a_state_that_is_no_state_is_refused) {
  Victim victim;
  for (const char* text : {"", "\n", "{}", "[]", "null", "0", "\"\"", "{\"version\": 1}",
                           "{\"version\": \"1\"}", "{\"version\": 2}", "\xff\xfe"}) {
    write_file(victim.state_file(), text);
    victim.check_refused(text);
  }
  write_file(victim.state_file(), std::string(100000, '['));
  victim.check_refused("deep");
}

BOOST_AUTO_TEST_CASE(a_state_of_another_version_is_refused_by_its_version) {
  Victim victim;
  std::string text = victim.intact();
  const size_t version = text.find("\"version\":1");
  BOOST_TEST_REQUIRE(version != std::string::npos);
  text.replace(version, 11, "\"version\":7");
  write_file(victim.state_file(), text);
  victim.check_refused("version 7");
}

BOOST_AUTO_TEST_CASE(a_gigabyte_is_refused_at_once) {
  Victim victim;
  truncate_to(victim.state_file(), 1 << 30);
  victim.check_refused("1 GiB");
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused_at_once) {
  Victim victim;
  TempDir files;
  write_file(files / "elsewhere", victim.intact());
  const std::string file = victim.state_file();
  replace_by(file, [&] { return ::mkfifo(file.c_str(), 0600); });
  victim.check_refused("a fifo");
  replace_by(file, [&] { return ::mkdir(file.c_str(), 0700); });
  victim.check_refused("a directory");
  victim.restore();
  replace_by(file, [&] { return ::symlink((files / "elsewhere").c_str(), file.c_str()); });
  victim.check_refused("a symbolic link");
}

BOOST_AUTO_TEST_CASE(delete_by_force_removes_a_container_whatever_its_state_is) {
  check_removal("gone", [](const std::string& file) { fs::remove(file); });
  check_removal("empty", [](const std::string& file) { truncate_to(file, 0); });
  check_removal("cut", [](const std::string& file) { truncate_to(file, 100); });
  check_removal("1 GiB", [](const std::string& file) { truncate_to(file, 1 << 30); });
  check_removal("a fifo", [](const std::string& file) {
    replace_by(file, [&] { return ::mkfifo(file.c_str(), 0600); });
  });
  check_removal("a directory", [](const std::string& file) {
    replace_by(file, [&] { return ::mkdir(file.c_str(), 0700); });
    write_file(file + "/inside", "");
  });
  check_removal("a link", [](const std::string& file) {
    replace_by(file, [&] { return ::symlink("/etc/passwd", file.c_str()); });
  });
  BOOST_TEST(fs::exists("/etc/passwd"));
}

BOOST_AUTO_TEST_CASE(delete_by_force_removes_a_directory_that_lacks_everything) {
  Runtime runtime;
  fs::create_directory(runtime.root() + "/c");
  BOOST_TEST(runtime.call({"state", "c"}, within(2s)).status == 1);
  BOOST_TEST(runtime.call({"delete", "c"}, within(2s)).status == 1);
  const Output removed = runtime.call({"delete", "--force", "c"}, within(2s));
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_SUITE_END()
