// A container's process as a peer: commands, replies and descriptors over a socket that it was born
// with, and what it can do to the shim with it.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/support/black_box.hpp"
#include "tests/support/slow_close.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A container, running, whose process does what it is told: tests/integration/inside/hostile.cpp.
struct Sandbox {
  Bundle bundle;
  Runtime runtime;

  explicit Sandbox(const std::vector<std::string>& flags = {}, RunOptions options = {},
                   const std::string& slow_file = {}) {
    if (!slow_file.empty()) {
      bundle.put("slow", "");
      bundle.add_mount("/slow", "none", slow_file, {"bind"});
    }
    bundle.config["root"]["readonly"] = true;
    std::filesystem::copy_file(OCELOT_HOSTILE, bundle.rootfs() + "/hostile");
    bundle.args({"/hostile"}).write();
    std::vector<std::string> words{"run",       "--detach", "--shim",
                                   "--channel", "--bundle", bundle.path()};
    words.insert(words.end(), flags.begin(), flags.end());
    words.emplace_back("c");
    const Output started = runtime.call(words, std::move(options));
    if (started.status != 0) throw std::runtime_error(started.err);
  }

  std::vector<std::string> words(const std::string& text,
                                 const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> all{"channel"};
    all.insert(all.end(), flags.begin(), flags.end());
    all.emplace_back("c");
    if (!text.empty()) all.push_back(text);
    return all;
  }
  Output tell(const std::string& text, const std::vector<std::string>& flags = {},
              RunOptions options = {}) const {
    return runtime.call(words(text, flags), std::move(options));
  }
  json status() const {
    const Output output = runtime.call({"shim", "status", "c"});
    if (output.status != 0) throw std::runtime_error(output.err);
    return json::parse(output.out);
  }
  json dropped() const { return status()["channel"]["dropped"]; }
  // A client that has just ended may still be counted, so the least of some looks.
  std::size_t descriptors_of_shim() const {
    const std::string path = "/proc/" + std::to_string(status()["pid"].get<int>()) + "/fd";
    std::size_t least = SIZE_MAX;
    for (int look = 0; look < 20; ++look) {
      status();
      const auto count = std::distance(std::filesystem::directory_iterator(path),
                                       std::filesystem::directory_iterator());
      least = std::min(least, static_cast<std::size_t>(count));
    }
    return least;
  }
  // As many, once workers that have told their result are gone.
  bool comes_to_hold(std::size_t descriptors) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (descriptors_of_shim() != descriptors)
      if (std::chrono::steady_clock::now() > deadline) return false;
    return true;
  }
};

UniqueFd file_with(const std::string& path, const std::string& content) {
  write_file(path, content);
  return UniqueFd{checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open")};
}

// 300 messages unasked, each with a descriptor.
void flood(const Sandbox& sandbox) {
  TempDir files;
  UniqueFd file = file_with(files / "file", "");
  RunOptions options;
  options.fds = {{file.get(), 5}};
  BOOST_TEST(sandbox.tell("flood", {"--fd", "5"}, options).out == "flood\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_channel)

BOOST_AUTO_TEST_CASE(the_example_computes_with_descriptors) {
  const Output output = run({OCELOT_ARITHMETIC_RUN, Runtime::path(), OCELOT_ARITHMETIC, "6", "7"});
  BOOST_TEST(output.out == "sum\n13\nproduct\n42\n", output.out + output.err);
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(a_shell_answers_with_the_helper) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  std::filesystem::copy_file(OCELOT_CHANNEL_HELPER, bundle.rootfs() + "/bin/ocelot-channel");
  bundle
      .args({"/bin/ocelot-channel", "/bin/sh", "-c", "read a <&3; echo \"$0: $(cat) $((a + 1))\""})
      .write();
  const Output started =
      runtime.call({"run", "--detach", "--shim", "--channel", "--bundle", bundle.path(), "c"});
  BOOST_REQUIRE_MESSAGE(started.status == 0, started.err);
  UniqueFd number = file_with(files / "number", "41\n");
  RunOptions options;
  options.fds = {{number.get(), 9}};
  const Output output = runtime.call({"channel", "--fd", "9", "c", "next"}, options);
  BOOST_TEST(output.out == "next: next 42\n", output.out + output.err);
}

BOOST_AUTO_TEST_CASE(it_needs_no_network_and_no_writable_root) {
  Sandbox sandbox;
  const Output output = sandbox.tell("where");
  BOOST_TEST(output.out.starts_with("1 interfaces, Read-only file system, fd "),
             output.out + output.err);
}

BOOST_AUTO_TEST_CASE(descriptors_go_both_ways) {
  TempDir files;
  UniqueFd one = file_with(files / "one", "first\n"), two = file_with(files / "two", "second\n");
  RunOptions options;
  options.fds = {{one.get(), 7}, {two.get(), 9}};
  Sandbox sandbox;
  const std::size_t before = sandbox.descriptors_of_shim();
  const Output output = sandbox.tell("echo", {"--fd", "9", "--fd", "7", "--read-fds"}, options);
  BOOST_TEST(output.out == "echo\nsecond\nfirst\n", output.out + output.err);
  BOOST_TEST(sandbox.comes_to_hold(before));
}

BOOST_AUTO_TEST_CASE(a_descriptor_whose_close_waits_does_not_hold_the_shim) {
  using Clock = std::chrono::steady_clock;
  Sandbox sandbox;
  Lingering connection;
  const std::size_t before = sandbox.descriptors_of_shim();
  RunOptions options;
  options.fds = {{connection.writer.get(), 5}};
  BOOST_TEST(sandbox.tell("keep", {"--fd", "5"}, options).out == "keep\n");
  connection.writer.reset();
  const auto begin = Clock::now();
  BOOST_TEST(sandbox.tell("drop").out == "drop\n");
  BOOST_TEST(sandbox.tell("echo").out == "echo\n");
  BOOST_TEST(sandbox.comes_to_hold(before));
  BOOST_TEST((Clock::now() - begin < std::chrono::seconds{30}));
}

BOOST_AUTO_TEST_CASE(what_nobody_has_asked_for_is_nothing_that_others_have_to_close,
                     *needs::file("/dev/fuse")) {
  SlowFile file;
  Sandbox sandbox{{}, {}, file.path()};
  BOOST_TEST(sandbox.tell("offer").out == "offer\n");
  const Output added = sandbox.runtime.call({"exec", "c", "/bin/true"});
  BOOST_TEST(added.status == 0, added.err);
  const Output upgraded = sandbox.runtime.call({"shim", "upgrade", "c"});
  BOOST_TEST(upgraded.status == 0, upgraded.err);
  BOOST_TEST(sandbox.tell("echo").out == "echo\n");
  const json kept = sandbox.status()["channel"];
  BOOST_TEST(kept["queued"] == 1, kept.dump());
  file.let_go();
  const Output taken = sandbox.tell("", {"--format", "json"});
  BOOST_TEST(json::parse(taken.out)["descriptors"] == 1, taken.out);
}

BOOST_AUTO_TEST_CASE(a_file_whose_close_waits_holds_no_shim_and_no_upgrade,
                     *needs::file("/dev/fuse")) {
  SlowFile file;
  const Sandbox sandbox{{}, {}, file.path()};
  BOOST_TEST(sandbox.tell("smuggle").out == "smuggle\n");
  const Output upgraded = sandbox.runtime.call({"shim", "upgrade", "c"});
  BOOST_TEST(upgraded.status == 0, upgraded.err);
  while (sandbox.dropped()["malformed"] < 4) continue;  // as many as may wait at a time
  const Output added = sandbox.runtime.call({"exec", "c", "/bin/true"});
  BOOST_TEST(added.status == 0, added.err);
  file.let_go();
  BOOST_TEST(sandbox.tell("echo").out == "echo\n");
  BOOST_TEST(sandbox.dropped()["malformed"] == 12);
}

BOOST_AUTO_TEST_CASE(the_sender_is_whom_the_kernel_names) {
  Sandbox sandbox;
  const Output output = sandbox.tell("echo", {"--format", "json"});
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  const json reply = json::parse(output.out);
  BOOST_TEST(reply["sender"]["pid"] == sandbox.runtime.state("c")["pid"]);
  BOOST_TEST(reply["sender"]["uid"] == 0);
}

BOOST_AUTO_TEST_CASE(another_process_that_holds_the_container_s_end_is_not_believed) {
  Sandbox sandbox;
  const std::string where = sandbox.tell("where").out;
  const int number = std::stoi(where.substr(where.rfind(' ')));
  const UniqueFd init = open_pidfd(sandbox.runtime.state("c")["pid"].get<pid_t>());
  const UniqueFd stolen{
      checked(static_cast<int>(::syscall(SYS_pidfd_getfd, init.get(), number, 0)), "pidfd_getfd")};
  const std::string unasked(8, '\0');
  BOOST_REQUIRE(::send(stolen.get(), unasked.data(), unasked.size(), MSG_NOSIGNAL) == 8);
  BOOST_TEST(sandbox.tell("echo").out == "echo\n");  // in order, so that was read
  BOOST_TEST(sandbox.dropped()["foreign"] == 1);
}

BOOST_AUTO_TEST_CASE(preserved_descriptors_keep_their_numbers_beside_it) {
  TempDir files;
  UniqueFd file = file_with(files / "file", "");
  RunOptions options;
  options.fds = {{file.get(), 3}};
  Sandbox sandbox{{"--preserve-fds", "2"}, options};
  const std::string where = sandbox.tell("where").out;
  BOOST_TEST(std::stoi(where.substr(where.rfind(' '))) >= 5, where);
  const std::string fds =
      "/proc/" + std::to_string(sandbox.runtime.state("c")["pid"].get<int>()) + "/fd/";
  BOOST_TEST(std::filesystem::read_symlink(fds + "3") == files / "file");
  BOOST_TEST(!std::filesystem::exists(std::filesystem::symlink_status(fds + "4")));
}

BOOST_AUTO_TEST_CASE(rubbish_is_dropped_and_counted) {
  Sandbox sandbox;
  const std::size_t before = sandbox.descriptors_of_shim();
  BOOST_TEST(sandbox.tell("rubbish").out == "rubbish\n");
  const json dropped = sandbox.dropped();
  BOOST_TEST(dropped["malformed"] == 4);  // twice short, empty, not UTF-8
  BOOST_TEST(dropped["cut"] == 1);
  BOOST_TEST(dropped["late"] == 1);
  BOOST_TEST(sandbox.comes_to_hold(before));
}

BOOST_AUTO_TEST_CASE(a_flood_fills_a_bounded_queue_and_the_rest_is_dropped) {
  Sandbox sandbox;
  const std::size_t before = sandbox.descriptors_of_shim();
  flood(sandbox);
  BOOST_TEST(sandbox.status()["channel"]["queued"] == 64);
  BOOST_TEST(sandbox.dropped()["overflown"] == 300 - 64);
  BOOST_TEST(sandbox.comes_to_hold(before + 2));
  for (int i = 0; i < 64; ++i) BOOST_TEST(sandbox.tell("").out == "unasked\n");
  BOOST_TEST(sandbox.comes_to_hold(before));
  BOOST_TEST(sandbox.tell("", {"--timeout", "50"}).status != 0);
}

BOOST_AUTO_TEST_CASE(each_client_gets_its_own_reply_whatever_the_order) {
  Sandbox sandbox;
  Command first{sandbox.runtime.command(sandbox.words("hold"))};
  BOOST_TEST(sandbox.tell("").out == "holding\n");
  BOOST_TEST(sandbox.tell("second").out == "second\n");
  BOOST_TEST(first.wait().out == "held\n");
}

BOOST_AUTO_TEST_CASE(a_paused_container_lets_the_request_time_out_and_answers_once_resumed) {
  Sandbox sandbox;
  BOOST_REQUIRE(sandbox.runtime.call({"pause", "c"}).status == 0);
  const Output late = sandbox.tell("early", {"--timeout", "100"});
  BOOST_TEST(late.status == 1);
  BOOST_TEST(late.err.find("within 100 ms") != std::string::npos, late.err);
  BOOST_REQUIRE(sandbox.runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(sandbox.tell("now").out == "now\n");
  BOOST_TEST(sandbox.dropped()["late"] == 1);
  BOOST_TEST(sandbox.status()["channel"]["waiting"] == 0);
}

BOOST_AUTO_TEST_CASE(a_container_that_closes_its_end_is_told_of_at_once) {
  Sandbox sandbox;
  for (int i = 0; i < 2; ++i) {
    const Output output = sandbox.tell("close");
    BOOST_TEST(output.status == 1);
    BOOST_TEST(output.err.find("has closed its end") != std::string::npos, output.err);
  }
  BOOST_TEST(sandbox.runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(an_upgraded_shim_has_the_channel_and_what_was_said_in_it) {
  Sandbox sandbox;
  const std::size_t before = sandbox.descriptors_of_shim();
  flood(sandbox);
  BOOST_TEST(sandbox.runtime.call({"shim", "upgrade", "c"}).status == 0);
  BOOST_TEST(sandbox.status()["channel"]["queued"] == 64);
  BOOST_TEST(sandbox.comes_to_hold(before + 2));
  for (int i = 0; i < 64; ++i) BOOST_TEST(sandbox.tell("").out == "unasked\n");
  BOOST_TEST(sandbox.comes_to_hold(before));
  BOOST_TEST(sandbox.tell("now").out == "now\n");
}

BOOST_AUTO_TEST_CASE(an_upgrade_waits_for_the_reply_to_a_command) {
  Sandbox sandbox;
  Command first{sandbox.runtime.command(sandbox.words("hold"))};
  BOOST_TEST(sandbox.tell("").out == "holding\n");
  Command upgrade{sandbox.runtime.command({"shim", "upgrade", "c"})};
  while (sandbox.status()["connections"].size() < 3) continue;  // with that of status
  BOOST_TEST(sandbox.tell("second").out == "second\n");
  BOOST_TEST(first.wait().out == "held\n");
  BOOST_TEST(upgrade.wait().status == 0);
  BOOST_TEST(sandbox.tell("third").out == "third\n");
}

BOOST_AUTO_TEST_CASE(a_container_that_dies_amid_a_request_fails_it) {
  Sandbox sandbox;
  const Output output = sandbox.tell("die");
  BOOST_TEST(output.err.find("has closed its end") != std::string::npos, output.err);
  BOOST_TEST(sandbox.runtime.call({"wait", "c"}).out == "7\n");
}

BOOST_AUTO_TEST_CASE(without_a_channel_it_says_so) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/sleep", "1000"}).write();
  BOOST_REQUIRE(
      runtime.call({"run", "--detach", "--shim", "--bundle", bundle.path(), "c"}).status == 0);
  const Output output = runtime.call({"channel", "c", "x"});
  BOOST_TEST(output.err.find("has no channel") != std::string::npos, output.err);
  BOOST_TEST(runtime.call({"create", "--channel", "--bundle", bundle.path(), "d"}).status == 1);
}

BOOST_AUTO_TEST_SUITE_END()
