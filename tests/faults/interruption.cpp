#include "tests/faults/interruption.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/refusal.hpp"

namespace ocelot::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kAnswer = 1s;
constexpr auto kRemoval = 10s;

RunOptions within(std::chrono::milliseconds time) {
  RunOptions options;
  options.timeout = time;
  return options;
}

std::string first_of(const std::vector<std::string>& lines) {
  return lines.empty() ? std::string{} : lines.front() + (lines.size() > 1 ? " ..." : "");
}

}  // namespace

Oracle::Oracle(Runtime& runtime, std::function<Container()> create)
    : runtime_{runtime}, create_{std::move(create)} {}

void Oracle::judge(const std::string& where) {
  BOOST_TEST_CONTEXT(where) {
    check_state();
    const Output removed = runtime_.call({"delete", "--force", "c"}, within(kRemoval));
    BOOST_TEST(removed.status == 0, removed.err);
    const std::vector<std::string> left = before_.since();
    BOOST_TEST(left.empty(), "left behind: " << first_of(left));
    check_id_is_free();
  }
}

void Oracle::check_state() {
  const Output state = runtime_.call({"state", "c"}, within(kAnswer));
  if (state.status != 0) {
    check_error(state, "does not exist");
    return;
  }
  const json document = json::parse(state.out);
  BOOST_TEST(document["id"] == "c");
  const std::string status = document["status"];
  BOOST_TEST(
      (status == "creating" || status == "created" || status == "running" || status == "stopped"),
      status);
}

void Oracle::check_id_is_free() {
  {
    const Container again = create_();
    BOOST_TEST(again.created.status == 0, again.created.err);
  }
  const Output removed = runtime_.del("c", {"--force"});
  BOOST_TEST(removed.status == 0, removed.err);
}

std::string at(const Stepped& stepped, long call) {
  return "at system call " + std::to_string(call) + " (" + stepped.last + ")";
}

void interrupt(Runtime& runtime, const Interruption& interruption) {
  interruption.set_up();
  const Stepped whole = step(interruption.command());
  BOOST_TEST_REQUIRE(whole.output.status == 0, whole.output.err);
  BOOST_TEST_REQUIRE(whole.calls > 50);
  runtime.del("c", {"--force"});
  Oracle oracle{runtime, interruption.create};
  const std::vector<long> calls = calls_to_stop_at(whole.calls, interruption.sample);
  for (const long call : calls) {
    interruption.set_up();
    oracle.judge(at(step(interruption.command(), {.at = call, .kill = interruption.kill}), call));
    interruption.judge();
  }
  BOOST_TEST_MESSAGE(whole.calls << " system calls, stopped at " << calls.size());
}

}  // namespace ocelot::test
