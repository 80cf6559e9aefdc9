// Requests that are made to end a shim, or to keep it from everybody else.
#include <fcntl.h>
#include <sys/mount.h>

#include "runtime/base/sys_files.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/shim/shim_client.hpp"
#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using namespace std::chrono_literals;
using ocelot::control::Client;
using ocelot::control::Clock;

constexpr auto shortest_silence = 10s;  // after which a command says that a shim does not answer

std::string nested(const std::string& before, const std::string& behind) {
  constexpr std::size_t levels = 1'000'000;
  return before + std::string(levels, '[') + std::string(levels, ']') + behind;
}

// Asks and never reads an answer.
ocelot::UniqueFd silent_client(const Runtime& runtime, const std::string& document,
                               unsigned requests) {
  ocelot::UniqueFd socket = connect_to_shim(runtime);
  ocelot::send_packet(socket.get(), hello_packet());
  for (unsigned id = 1; id <= requests; ++id)
    ocelot::send_packet(socket.get(), request_packet(id, document));
  return socket;
}

// The state directory on a disk of its own, until the end of the test.
class SmallDisk {
 public:
  explicit SmallDisk(const Runtime& runtime) : runtime_(runtime), path_(runtime.root()) {
    checked(::mount("small", path_.c_str(), "tmpfs", 0, "size=128k,mode=700"), "mount tmpfs");
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    make_room();
    runtime_.call({"delete", "--force", "c"});
    ::umount2(path_.c_str(), MNT_DETACH);
  }

  void fill() const {
    const ocelot::UniqueFd file =
        ocelot::sys::open(AT_FDCWD, filler(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (ocelot::sys::try_write(file.get(), std::string(4096, 'x')) > 0) continue;
  }
  void make_room() const { std::filesystem::remove(filler()); }

 private:
  std::string filler() const { return path_ + "/filler"; }
  const Runtime& runtime_;
  const std::string path_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_hostile, *needs::root() * needs::ocelot())

// Whoever copies such a document, or writes it, does so by recursion.
BOOST_AUTO_TEST_CASE(a_document_of_a_million_levels_ends_no_shim) {
  const Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  Client client = client_of(runtime);
  for (const std::string& document :
       {nested(R"({"operation":"kill","signal":)", "}"),
        nested(R"({"operation":"update","resources":{"x":)", "}}"),
        nested(R"({"operation":"update","resources":{},"intelRdt":{"x":)", "}}"),
        nested(R"({"operation":"exec","process":{"x":)", "}}"),
        nested(R"({"operation":"stats","x":)", "}"),
        nested(R"({"operation":"cancel","request":)", "}")}) {
    client.send(document);
    const auto come = client.wait(Clock::now() + 20s);
    BOOST_REQUIRE(come);
    BOOST_TEST(contains(come->document, "nested deeper than 64 levels"), come->document);
  }
  BOOST_TEST(container.shim_status().at("pid") == container.shim_pid());
}

// Figures are a hundred system calls; an observer may ask for them. Others must not take the shim
// for one that does not answer.
BOOST_AUTO_TEST_CASE(thousands_of_streams_of_figures_hold_nobody_up) {
  constexpr unsigned clients = 60, streams = 60;
  const Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  Client other = client_of(runtime);
  std::vector<ocelot::UniqueFd> silent;
  while (silent.size() < clients) {
    silent.push_back(silent_client(runtime, R"({"operation":"stats","interval_ms":10})", streams));
  }
  for (int i = 0; i < 10; ++i) {
    const auto answer =
        other.request(R"({"operation":"state"})", {}, Clock::now() + shortest_silence);
    BOOST_TEST(contains(answer.document, "running"));
  }
}

BOOST_AUTO_TEST_CASE(memory_of_a_large_document_goes_back) {
  const Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  std::string flat = R"({"operation":"stats","x":[)";
  while (flat.size() < 3'000'000) flat += "[0],";
  Client client = client_of(runtime);
  ask(client, R"({"operation":"stats"})");
  const long before = private_dirty_kib(container.shim_pid());
  ask(client, flat + "0]}");
  // A client that became impatient has sent it twice.
  long after = private_dirty_kib(container.shim_pid());
  for (int i = 0; i < 1000 && after - before >= 512; ++i) {
    ask(client, R"({"operation":"status"})");
    after = private_dirty_kib(container.shim_pid());
  }
  BOOST_TEST_MESSAGE("Private_Dirty " << before << " KiB, then " << after << " KiB");
  BOOST_TEST(after - before < 512);
}

BOOST_AUTO_TEST_CASE(on_a_full_disk_a_container_can_still_be_ended) {
  const Runtime runtime;
  const SmallDisk disk{runtime};
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  disk.fill();
  const Output paused = container.call({"pause"});
  BOOST_TEST(contains(paused.err, "could not be written down"), paused.err);
  BOOST_TEST(container.call({"kill"}, {"KILL"}).status == 0);
  BOOST_TEST(container.wait().at("status") == 137);
  BOOST_TEST(container.call({"delete"}).status == 0);
  container.wait_for_shim();
}

// Told to those who wait, and not forgotten.
BOOST_AUTO_TEST_CASE(an_exit_that_a_full_disk_did_not_take_is_written_when_there_is_room) {
  const Runtime runtime;
  const SmallDisk disk{runtime};
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  disk.fill();
  BOOST_TEST(container.call({"kill"}, {"KILL"}).status == 0);
  BOOST_TEST(container.wait().at("status") == 137);
  const std::string file = container.directory() + "/exit.json";
  BOOST_TEST(!std::filesystem::exists(file));
  disk.make_room();
  const auto until = Clock::now() + 20s;
  while (!std::filesystem::exists(file) && Clock::now() < until) container.shim_status();
  BOOST_TEST(container.exit_file().at("status") == 137);
}

// The shim is not in the container's cgroup, which decides on devices.
BOOST_AUTO_TEST_CASE(a_device_is_not_opened_for_the_container) {
  const Runtime runtime;
  Bundle bundle;
  bundle.put("/there", "content");
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  Client client = client_of(runtime);
  const auto file =
      client.request(R"({"operation":"open","path":"/there"})", {}, Clock::now() + 20s);
  BOOST_TEST_REQUIRE(file.fds.size() == 1u);
  BOOST_TEST(ocelot::sys::read_all(file.fds.front().get()) == "content");
  client.send(R"({"operation":"open","path":"/dev/null"})");
  const auto refused = client.wait(Clock::now() + 20s);
  BOOST_REQUIRE(refused);
  BOOST_TEST(contains(refused->document, "/dev/null is a device"), refused->document);
  BOOST_TEST(refused->fds.empty());
}

BOOST_AUTO_TEST_SUITE_END()
