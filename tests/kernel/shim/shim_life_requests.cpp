// One effect for a request, whichever shim of the container answers it.
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "shim/control/effects.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using nlohmann::json;

const std::string hit = R"({"operation":"kill","signal":10})";

void kill_shim(const Runtime& runtime) {
  const pid_t pid = json::parse(runtime.call({"shim", "status", "c"}).out).at("pid");
  const UniqueFd shim = open_pidfd(pid);
  checked(::kill(pid, SIGKILL), "kill");
  wait_for_end(shim.get());
}

void adopt(const Runtime& runtime) {
  const Output adopted = runtime.call({"shim", "adopt", "c"});
  BOOST_REQUIRE_MESSAGE(adopted.status == 0, adopted.err);
}

// A container that writes "hit" for each SIGUSR1, and "last" when it is asked to end.
void run(const Runtime& runtime, Bundle& bundle) {
  bundle.shell(
      "trap 'echo hit' USR1; trap 'echo last; exit 0' TERM; echo up; while :; do sleep 0.02; done");
  bundle.write();
  const Output made = runtime.call({"run", "--shim", "--detach", "--bundle", bundle.path(), "c"});
  BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
}

// The answer to one request on a connection of its own; the session is always the same.
json answer(const Runtime& runtime, std::uint64_t id, const std::string& document) {
  const auto socket =
      ocelot::connect_unix(runtime.root() + "/c/control.sock", SOCK_SEQPACKET | SOCK_CLOEXEC);
  ocelot::send_packet(socket.get(), hello_packet());
  ocelot::send_packet(socket.get(), request_packet(id, document));
  while (const auto reply = receive(socket.get())) {
    if (reply->frame.header.type == ocelot::control::Type::Reply)
      return json::parse(reply->frame.payload);
  }
  BOOST_FAIL("the connection ended without an answer");
  return {};
}

// As a shim leaves it that is killed between writing the request down and the answer.
void begin(const Runtime& runtime, std::uint64_t id, const std::string& document) {
  const json line{{"is", "begun"},
                  {"uid", 0},
                  {"session", "73737373737373737373737373737373"},
                  {"id", id},
                  {"operation", json::parse(document).at("operation")},
                  {"digest", ocelot::control::digest(document)}};
  const std::string path = runtime.root() + "/c/requests";
  // The end of a line that was cut, too.
  write_file(path, ocelot::test::read_file(path) + "\n{\"is\":\"beg\n" + line.dump());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_life_requests, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(a_request_repeated_to_the_next_shim_has_one_effect) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle);
  {
    Command attached{runtime.command({"attach", "--no-stdin", "c"})};
    attached.read_until("up");
    BOOST_TEST(answer(runtime, 1, hit) == json::object());
    attached.read_until("hit");
  }
  const pid_t init = runtime.state("c").at("pid");
  kill_shim(runtime);
  adopt(runtime);
  Command attached{runtime.command({"attach", "--no-stdin", "c"})};
  BOOST_TEST(answer(runtime, 1, hit) == json::object());
  BOOST_TEST(answer(runtime, 1, R"({"operation":"kill","signal":9})").contains("error"));
  BOOST_TEST(answer(runtime, 2, R"({"operation":"kill","signal":15})") == json::object());
  const std::string output = attached.read_until("last");
  BOOST_TEST(output.find("hit") == std::string::npos);
  // It has become ours; until it is reaped the shim waits for how it has ended.
  checked(::waitpid(init, nullptr, 0), "waitpid");
}

BOOST_AUTO_TEST_CASE(what_came_of_a_request_that_was_begun_is_not_invented) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle);
  BOOST_TEST(answer(runtime, 1, hit) == json::object());
  kill_shim(runtime);
  begin(runtime, 2, hit);
  adopt(runtime);
  const json told = answer(runtime, 2, hit);
  BOOST_REQUIRE(told.contains("error"));
  BOOST_TEST(told["error"]["message"].get<std::string>().find("not known") != std::string::npos);
  BOOST_TEST(answer(runtime, 3, hit) == json::object());
}

BOOST_AUTO_TEST_CASE(what_the_container_shows_not_to_have_happened_is_done_by_the_next_shim) {
  const std::string pause = R"({"operation":"pause"})", resume = R"({"operation":"resume"})";
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle);
  BOOST_TEST(answer(runtime, 1, hit) == json::object());
  kill_shim(runtime);
  begin(runtime, 2, pause);
  begin(runtime, 3, resume);
  adopt(runtime);
  // It runs: so the one has happened, and the other has not.
  BOOST_TEST(answer(runtime, 2, pause) == json::object());
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(answer(runtime, 3, resume) == json::object());
  BOOST_TEST(runtime.status("c") == "paused");
}

BOOST_AUTO_TEST_CASE(the_record_of_requests_does_not_grow_for_ever) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle);
  const std::string probe = R"({"operation":"kill","signal":0})";
  const auto socket =
      ocelot::connect_unix(runtime.root() + "/c/control.sock", SOCK_SEQPACKET | SOCK_CLOEXEC);
  ocelot::send_packet(socket.get(), hello_packet());
  constexpr std::uint64_t requests = 6000;
  for (std::uint64_t id = 1; id <= requests; ++id) {
    ocelot::send_packet(socket.get(), request_packet(id, probe));
    while (receive(socket.get())->frame.header.type != ocelot::control::Type::Reply) continue;
  }
  BOOST_TEST(std::filesystem::file_size(runtime.root() + "/c/requests") < 300u << 10);
  kill_shim(runtime);
  adopt(runtime);
  BOOST_TEST(answer(runtime, requests, probe) == json::object());
  // Long dropped: refused, not done again.
  BOOST_TEST(answer(runtime, 1, probe).contains("error"));
}

BOOST_AUTO_TEST_SUITE_END()
