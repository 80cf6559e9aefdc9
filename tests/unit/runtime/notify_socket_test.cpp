#include "runtime/notify_socket.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot {
namespace {

// A service manager, and a container's state directory with the socket that its process finds.
struct Scene {
  test::TempDir temporary;
  UniqueFd state = sys::open(AT_FDCWD, temporary.path(), O_RDONLY | O_DIRECTORY);
  UniqueFd manager = bind_unix(state.get(), "manager", SOCK_DGRAM, 0600);

  NotifyRelay relay(const std::string& host_socket, pid_t pid = 4711) {
    make_notify_directory(state.get());
    return {std::move(*bind_notify_socket(state.get())), host_socket, pid};
  }
  void say(std::string_view words) {
    send_packet(connect_unix(temporary / "notify/container/notify.sock", SOCK_DGRAM).get(), words);
  }
  Packet heard() { return *receive_packet(manager.get(), 4096); }
  bool heard_nothing() { return !wait_readable(manager.get(), 0); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(notify_socket)

BOOST_AUTO_TEST_CASE(the_plan_shows_the_directory_and_names_the_socket_once) {
  Plan plan;
  plan.process.env = {"A=b", "NOTIFY_SOCKET=/run/host.sock"};
  plan.rootfs.mounts.resize(2);
  plan_notify_socket(plan, "/run/systemd/notify", "/run/ocelot/web-1");
  BOOST_TEST(plan.notify_socket == "/run/systemd/notify");
  BOOST_TEST(plan.process.env ==
                 (std::vector<std::string>{"A=b", "NOTIFY_SOCKET=/run/notify/notify.sock"}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(plan.rootfs.mounts.size() == 3u);
  const MountStep& mount = plan.rootfs.mounts.back();
  BOOST_TEST((mount.kind == MountKind::bind));
  BOOST_TEST(mount.source == "/run/ocelot/web-1/notify/container");
  BOOST_TEST(mount.destination == "/run/notify");
  BOOST_TEST((mount.options.set & MOUNT_ATTR_RDONLY) != 0u);
}

BOOST_AUTO_TEST_CASE(without_a_directory_there_is_no_socket) {
  const Scene scene;
  BOOST_TEST(!bind_notify_socket(scene.state.get()).has_value());
}

BOOST_AUTO_TEST_CASE(a_process_of_any_user_may_use_it_whatever_the_umask) {
  Scene scene;
  const mode_t before = ::umask(0077);
  const NotifyRelay relay = scene.relay("/nowhere");
  ::umask(before);
  BOOST_TEST((sys::stat_if_exists(scene.state.get(), "notify")->st_mode & 07777) == 0700u);
  const UniqueFd own = sys::open(scene.state.get(), "notify/container", O_RDONLY | O_DIRECTORY);
  BOOST_TEST((sys::stat(own.get()).st_mode & 07777) == 0755u);
  BOOST_TEST((sys::stat_if_exists(own.get(), "notify.sock")->st_mode & 07777) == 0777u);
}

BOOST_AUTO_TEST_CASE(a_start_after_one_that_failed_binds_it_again) {
  Scene scene;
  make_notify_directory(scene.state.get());
  BOOST_TEST(bind_notify_socket(scene.state.get()).has_value());
  BOOST_TEST(bind_notify_socket(scene.state.get()).has_value());
}

BOOST_AUTO_TEST_CASE(readiness_is_passed_on_with_the_main_process_and_nothing_else_is) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "manager");
  scene.say("STATUS=starting\nMAINPID=1");
  BOOST_TEST(!relay.receive());
  relay.pass_on();
  BOOST_TEST(scene.heard_nothing());
  scene.say("STATUS=up\nFDSTORE=1\nREADY=1\nMAINPID=1");
  BOOST_TEST(relay.receive());
  relay.pass_on();
  BOOST_TEST(scene.heard().bytes == "MAINPID=4711\nREADY=1\n");
  const Packet barrier = scene.heard();
  BOOST_TEST(barrier.bytes == "BARRIER=1");
  BOOST_TEST(barrier.fds.size() == 1u);
}

BOOST_AUTO_TEST_CASE(readiness_is_passed_on_once) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "manager");
  scene.say("READY=1");
  scene.say("READY=1");
  BOOST_TEST(relay.receive());
  relay.pass_on();
  scene.say("READY=1");
  BOOST_TEST(relay.receive());
  relay.pass_on();
  scene.heard();
  scene.heard();
  BOOST_TEST(scene.heard_nothing());
}

BOOST_AUTO_TEST_CASE(words_that_only_look_like_readiness_are_none) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "manager");
  for (const char* words : {"READY=0", "NOT_READY=1", "STATUS=READY=1", "READY=10"})
    scene.say(words);
  BOOST_TEST(!relay.receive());
}

BOOST_AUTO_TEST_CASE(settling_returns_when_the_manager_has_closed_the_barrier) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "manager");
  scene.say("READY=1");
  relay.receive();
  relay.pass_on();
  scene.heard();
  static_cast<void>(scene.heard());  // and its descriptor with it
  relay.settle();
}

BOOST_AUTO_TEST_CASE(a_name_in_the_abstract_namespace_is_reached) {
  Scene scene;
  UniqueFd manager{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "ocelot-test-" + std::to_string(::getpid());
  name.copy(address.sun_path + 1, name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  BOOST_REQUIRE(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
  NotifyRelay relay = scene.relay("@" + name);
  scene.say("READY=1");
  BOOST_TEST(relay.receive());
  relay.pass_on();
  BOOST_TEST(receive_packet(manager.get(), 4096)->bytes == "MAINPID=4711\nREADY=1\n");
}

BOOST_AUTO_TEST_CASE(paths_longer_than_a_socket_address_are_reached) {  // L35
  Scene scene;
  const std::string deep = std::string(100, 'd');
  sys::make_directory(scene.state.get(), deep, 0755);
  const UniqueFd state = sys::open(scene.state.get(), deep, O_RDONLY | O_DIRECTORY);
  const UniqueFd manager = bind_unix(state.get(), std::string(50, 'm'), SOCK_DGRAM, 0600);
  make_notify_directory(state.get());
  NotifyRelay relay{std::move(*bind_notify_socket(state.get())),
                    scene.temporary / (deep + "/" + std::string(50, 'm')), 4711};
  send_packet(
      connect_unix(scene.temporary / (deep + "/notify/container/notify.sock"), SOCK_DGRAM).get(),
      "READY=1");
  BOOST_TEST(relay.receive());
  relay.pass_on();
  BOOST_TEST(receive_packet(manager.get(), 4096)->bytes == "MAINPID=4711\nREADY=1\n");
}

BOOST_AUTO_TEST_CASE(a_manager_that_is_gone_is_an_error_told_once) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "nobody");
  scene.say("READY=1");
  BOOST_TEST(relay.receive());
  BOOST_CHECK_EXCEPTION(relay.pass_on(), Error, [](const Error& error) {
    return std::string(error.what()).find("nobody") != std::string::npos;
  });
  scene.say("READY=1");
  BOOST_TEST(relay.receive());
  relay.pass_on();
}

BOOST_AUTO_TEST_CASE(waiting_ends_with_a_process_that_never_gets_ready) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "manager");
  ChildProcess process = spawn(
      "test", {}, [] { return 0; }, [](const Error&) {});
  relay_notify(relay, process.pidfd());
  BOOST_TEST(scene.heard_nothing());
  BOOST_TEST(process.wait().success());
}

BOOST_AUTO_TEST_CASE(waiting_ends_when_the_process_is_ready_and_the_manager_knows) {
  Scene scene;
  NotifyRelay relay = scene.relay(scene.temporary / "manager");
  ChildProcess process = spawn(
      "test", {},
      [&] {
        scene.say("READY=1");
        scene.heard();
        static_cast<void>(scene.heard());
        ::pause();
        return 0;
      },
      [](const Error&) {});
  relay_notify(relay, process.pidfd());
  process.kill(SIGKILL);
  BOOST_TEST(process.wait().signal == SIGKILL);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
