// Requests that are made to end a shim, or to keep it from everybody else.
#include "runtime/base/sys_files.hpp"
#include "tests/kernel/shim/shim_client.hpp"
#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using namespace std::chrono_literals;
using ocelot::control::Client;
using ocelot::control::Clock;

std::string nested(const std::string& before, const std::string& behind) {
  constexpr std::size_t levels = 1'000'000;
  return before + std::string(levels, '[') + std::string(levels, ']') + behind;
}

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

BOOST_AUTO_TEST_SUITE_END()
