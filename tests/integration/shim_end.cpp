// What the shim records and tells of its container's end, and what is left when either is gone.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <sstream>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

void send(int pidfd, int signal) {
  checked(static_cast<int>(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0)), "signal");
}

std::vector<std::string> names_of_events(const std::string& lines) {
  std::vector<std::string> names;
  std::istringstream stream{lines};
  for (std::string line; std::getline(stream, line);) names.push_back(json::parse(line)["event"]);
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_end, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(exit_is_recorded_and_told) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.shell("exit 42")};
  const json exit = shimmed.wait();
  BOOST_TEST(exit["status"] == 42);
  BOOST_TEST(exit["signal"] == 0);
  BOOST_TEST(exit["core"] == false);
  BOOST_TEST(exit["oomKilled"] == false);
  BOOST_TEST(exit["usage"]["maxResidentKiB"] > 0);
  BOOST_TEST(shimmed.exit_file() == exit);
  BOOST_TEST(shimmed.call({"wait"}).out == "42\n");
}

BOOST_AUTO_TEST_CASE(death_by_signal_is_recorded) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  const json exit = shimmed.wait();
  BOOST_TEST(exit["status"] == 137);
  BOOST_TEST(exit["signal"] == 9);
  BOOST_TEST(exit["oomKilled"] == false);
  BOOST_TEST(shimmed.exit_file() == exit);
}

BOOST_AUTO_TEST_CASE(end_by_want_of_memory_is_recorded, *needs::controller("memory")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 16 << 20}};
  Shimmed shimmed{runtime, bundle.shell("x=xxxxxxxx; while :; do x=$x$x; done")};
  const json exit = shimmed.wait();
  BOOST_TEST(exit["signal"] == 9);
  BOOST_TEST(exit["oomKilled"] == true);
  BOOST_TEST(exit["oomKills"] >= 1);
  BOOST_TEST(shimmed.exit_file() == exit);
}

BOOST_AUTO_TEST_CASE(waiters_from_before_the_end_are_all_told) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.shell("read x; exit 7"), {"--stdin"}};
  Command one{runtime.command({"wait", "c"})}, two{runtime.command({"wait", "c"})};
  while (shimmed.shim_status()["connections"].size() < 3U) {
  }
  BOOST_TEST(runtime.call({"attach", "c"}, {.input = "x\n"}).status == 7);
  BOOST_TEST(one.wait().out == "7\n");
  BOOST_TEST(two.wait().out == "7\n");
}

BOOST_AUTO_TEST_CASE(events_come_in_order) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.args({"sleep", "1000"}), {}, Shimmed::Until::created};
  Command events{runtime.command({"shim", "events", "c"})};
  events.read_until("subscribed");
  for (const auto& words : {std::vector<std::string>{"start", "c"},
                            {"pause", "c"},
                            {"resume", "c"},
                            {"exec", "c", "true"},
                            {"kill", "c", "KILL"},
                            {"wait", "c"},
                            {"delete", "c"}})
    BOOST_TEST(runtime.call(words).status == 0, words.front());
  const Output output = events.wait();
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(names_of_events(output.out) ==
                 (std::vector<std::string>{"subscribed", "started", "paused", "resumed",
                                           "exec-started", "exec-exited", "exited", "deleted"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shim_does_not_end_by_a_signal_while_its_container_lives) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) send(shimmed.shim_pidfd(), signal);
  BOOST_TEST(shimmed.shim_status()["status"] == "running");
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  shimmed.wait();
  send(shimmed.shim_pidfd(), SIGTERM);
  shimmed.wait_for_shim();
  // Its record outlives it, and so does the container until it is deleted.
  BOOST_TEST(shimmed.exit_file()["signal"] == 9);
  BOOST_TEST(runtime.status("c") == "stopped");
  BOOST_TEST(runtime.del("c").status == 0);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(container_outlives_a_killed_shim_and_is_managed_without_it) {
  Runtime runtime;
  Bundle bundle;
  const Leftovers leftovers;
  {
    Shimmed shimmed{runtime, bundle.shell("while :; do echo line; sleep 0.01; done")};
    send(shimmed.shim_pidfd(), SIGKILL);
    shimmed.wait_for_shim();
    BOOST_TEST(runtime.status("c") == "running");
    BOOST_TEST(runtime.call({"exec", "c", "sh", "-c", "exit 5"}).status == 5);
    BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
    BOOST_TEST(runtime.status("c") == "paused");
    BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
    check_error(runtime.call({"attach", "c"}), "has no shim");
    BOOST_TEST(runtime.kill("c", "KILL").status == 0);
    wait_for_end(shimmed.pidfd());
    BOOST_TEST(runtime.status("c") == "stopped");
    BOOST_TEST(runtime.del("c").status == 0);
    BOOST_TEST(runtime.ids().empty());
  }
  BOOST_TEST(leftovers.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_pid_namespace_the_others_end_with_init) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  Shimmed shimmed{runtime, bundle.shell("trap 'exit 3' TERM; sleep 4321 & echo ready; wait")};
  Command attached{runtime.command({"attach", "--no-stdin", "c"}), {.keep_input_open = true}};
  attached.read_until("ready\n");
  const std::string pid = std::to_string(shimmed.pid());
  const UniqueFd child =
      open_pidfd(std::stoi(read_file("/proc/" + pid + "/task/" + pid + "/children")));
  BOOST_TEST(runtime.kill("c", "TERM").status == 0);
  BOOST_TEST(shimmed.wait()["status"] == 3);
  wait_for_end(child.get());
  BOOST_TEST(attached.wait().status == 3);
}

BOOST_AUTO_TEST_CASE(another_user_is_refused_at_the_socket) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  struct stat file {};
  checked(::stat((shimmed.directory() + "/control.sock").c_str(), &file), "stat control.sock");
  BOOST_TEST((file.st_mode & 0077) == 0U);
  // Even where the files' modes let them through.
  checked(::chmod(shimmed.directory().c_str(), 0755), "chmod");
  checked(::chmod((shimmed.directory() + "/control.sock").c_str(), 0666), "chmod");
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  (shimmed.directory() + "/control.sock").copy(address.sun_path, sizeof address.sun_path - 1);
  RunOptions other;
  other.in_child = [&] {
    if (::setgid(12345) != 0 || ::setuid(12345) != 0) ::_exit(99);
    const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ::_exit(98);
    char packet[1024];
    const ssize_t size = ::recv(socket, packet, sizeof packet, 0);
    if (size > 28) static_cast<void>(::write(1, packet + 28, static_cast<std::size_t>(size) - 28));
    ::_exit(::recv(socket, packet, sizeof packet, 0) == 0 ? 0 : 97);
  };
  const Output refused = run({"/bin/true"}, other);
  BOOST_TEST(refused.status == 0);
  BOOST_REQUIRE_MESSAGE(json::accept(refused.out), refused.out);
  BOOST_TEST(json::parse(refused.out)["error"]["kind"] == "PermissionDenied");
  BOOST_TEST(shimmed.shim_status()["control"]["refused"] == 1);
}

BOOST_AUTO_TEST_CASE(shim_holds_no_descriptor_longer_than_it_needs) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  const auto open = [&] {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(shimmed.shim_pid()) + "/fd"})
      count += entry.path().empty() ? 0 : 1;
    return count;
  };
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
  BOOST_TEST(runtime.call({"exec", "-t", "c", "true"}).status == 0);
  const std::size_t before = open();
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
    BOOST_TEST(runtime.call({"exec", "-t", "c", "true"}).status == 0);
    BOOST_TEST(runtime.call({"exec", "c", "/nowhere"}).status == 255);
  }
  // What the last one left is closed at the turn after it.
  for (int i = 0; i < 1000 && open() > before; ++i) shimmed.shim_status();
  BOOST_TEST(open() <= before);
}

BOOST_AUTO_TEST_SUITE_END()
