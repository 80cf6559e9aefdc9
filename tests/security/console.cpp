// P7, P10: CVE-2025-52565, CVE-2026-88264. The terminal is known by its descriptors, never by a
// name that the container can give to something else.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/security/canary.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// Creates and deletes a container with a terminal; what was received from it, if it came that far.
Output create_with_terminal(Bundle& bundle) {
  Runtime runtime;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  Container container = runtime.create(bundle, "c", {"--console-socket", socket.path()});
  return container.created;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(console, *needs::root())

BOOST_AUTO_TEST_CASE(terminals_of_a_volume_are_not_taken_for_real_ones) {  // P7
  const Canary canary;
  Bundle bundle;
  TempDir volume;
  bundle.args({"/bin/true"});
  for (int i = 0; i < 10; ++i)
    fs::create_symlink("/proc/sys/kernel/core_pattern", volume / std::to_string(i));
  write_file(volume / "ptmx", "no terminal\n");
  bundle.remove_mount("/dev/pts");
  bundle.add_mount("/dev/pts", "bind", volume.path(), {"bind"});
  const Output created = create_with_terminal(bundle);
  BOOST_TEST(created.status != 0);
  check_untouched(canary);
  BOOST_TEST(read_file(volume / "ptmx") == "no terminal\n");
}

BOOST_AUTO_TEST_CASE(a_console_of_the_image_that_is_a_link_makes_nothing_on_the_host) {  // P10
  for (const bool readonly : {false, true}) {
    for (const char* target : {"new", "secret", "empty"}) {
      const Canary canary;
      Bundle bundle;
      bundle.args({"/bin/true"});
      bundle.config["root"]["readonly"] = readonly;
      for (const char* destination : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
        bundle.remove_mount(destination);
      bundle.put_directory("/dev/pts");
      bundle.add_mount("/dev/pts", "devpts", "devpts", {"newinstance", "ptmxmode=0666"});
      fs::create_symlink(canary / target, bundle.rootfs() + "/dev/console");
      create_with_terminal(bundle);
      check_untouched(canary);
      BOOST_TEST(!fs::exists(canary / "new"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_console_of_the_image_that_is_a_pipe_is_not_opened) {  // P10
  Bundle bundle;
  bundle.args({"/bin/true"});
  bundle.config["root"]["readonly"] = false;
  for (const char* destination : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
    bundle.remove_mount(destination);
  bundle.put_directory("/dev/pts");
  bundle.add_mount("/dev/pts", "devpts", "devpts", {"newinstance", "ptmxmode=0666"});
  checked(::mkfifo((bundle.rootfs() + "/dev/console").c_str(), 0600), "mkfifo");
  const Output output = create_with_terminal(bundle);
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(no_terminal_is_opened_by_its_number, *needs::ocelot()) {  // P7
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  ConsoleSocket socket;
  bundle.args({"/bin/true"}).process()["terminal"] = true;
  bundle.write();
  std::vector<std::string> trace{"strace", "-f", "-qq", "-o", files / "log", "-e", "trace=%file"};
  for (const std::string& word : runtime.command(
           {"run", "--detach", "--console-socket", socket.path(), "--bundle", bundle.path(), "c"}))
    trace.push_back(word);
  const Output output = run(trace);
  BOOST_TEST(output.status == 0, output.err);
  const std::string log = read_file(files / "log");
  BOOST_TEST(contains(log, "openat2"));
  for (char digit = '0'; digit <= '9'; ++digit) {
    BOOST_TEST(!contains(log, std::string{"/dev/pts/"} + digit));
    BOOST_TEST(!contains(log, std::string{"\"pts/"} + digit));
  }
}

BOOST_AUTO_TEST_CASE(the_console_is_the_terminal_that_was_handed_over) {  // P7
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.shell("stat -c %t:%T /dev/console; stat -L -c %t:%T /proc/self/fd/0");
  bundle.process()["terminal"] = true;
  Container container = runtime.must_create(bundle, "c", {"--console-socket", socket.path()});
  const Received received = socket.receive();
  BOOST_TEST_REQUIRE(received.fds.size() == 1U);
  container.start();
  const std::string text = read_to_end(received.fds.front().get());
  container.wait();
  const size_t end = text.find("\r\n");
  BOOST_TEST_REQUIRE(end != std::string::npos);
  BOOST_TEST(text.starts_with("88:"), text);  // 136 in hexadecimal
  BOOST_TEST(text == text.substr(0, end + 2) + text.substr(0, end + 2));
}

BOOST_AUTO_TEST_SUITE_END()
