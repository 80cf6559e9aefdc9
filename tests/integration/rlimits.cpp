// Resource limits of the process.
#include <sys/resource.h>

#include <limits>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

json limit(const std::string& type, uint64_t soft, uint64_t hard) {
  return {{"type", type}, {"soft", soft}, {"hard", hard}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rlimits)

#ifndef __SANITIZE_ADDRESS__  // which does not live in so small an address space
BOOST_AUTO_TEST_CASE(every_limit_is_set) {
  Runtime runtime;
  Bundle bundle;
  json limits = json::array();
  const json host = host_report()["rlimits"];
  for (const auto& [type, values] : host.items()) {
    // Something that the program can live with, below what we may give.
    uint64_t hard = std::min<uint64_t>(values[1].get<uint64_t>(), 1ULL << 30);
    uint64_t soft = type == "RLIMIT_NPROC" || type == "RLIMIT_SIGPENDING" ? hard : hard - hard / 4;
    limits.push_back(limit(type, soft, hard));
  }
  BOOST_TEST(limits.size() == 16U);
  bundle.process()["rlimits"] = limits;
  json seen = report(runtime, bundle)["rlimits"];
  for (const json& wanted : limits)
    BOOST_TEST(seen[wanted["type"].get<std::string>()] == (json{wanted["soft"], wanted["hard"]}),
               wanted.dump());
}
#endif

BOOST_AUTO_TEST_CASE(too_few_descriptors_to_start_are_an_error_of_create,
                     *needs::ocelot("runc needs others at other times")) {
  Runtime runtime;
  for (const uint64_t number : {0, 1, 3}) {
    Bundle bundle;
    bundle.args({"true"}).process()["rlimits"] =
        json::array({limit("RLIMIT_NOFILE", number, number)});
    check_refused(runtime, bundle, "RLIMIT_NOFILE");
  }
  Bundle bundle;
  bundle.args({"true"}).process()["rlimits"] = json::array({limit("RLIMIT_NOFILE", 16, 16)});
  const Output output = runtime.run(bundle);
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(limit_may_be_infinite) {
  Runtime runtime;
  Bundle bundle;
  const uint64_t infinity = std::numeric_limits<uint64_t>::max();
  bundle.process()["rlimits"] = json::array({limit("RLIMIT_FSIZE", infinity, infinity)});
  BOOST_TEST(report(runtime, bundle)["rlimits"]["RLIMIT_FSIZE"] == (json{infinity, infinity}));
}

BOOST_AUTO_TEST_CASE(other_limits_are_inherited) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] {
    rlimit core{4096, 8192};
    checked(::setrlimit(RLIMIT_CORE, &core), "setrlimit");
  };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["rlimits"]["RLIMIT_CORE"] ==
             (json{4096, 8192}));
}

BOOST_AUTO_TEST_CASE(limit_above_our_own_needs_a_privilege,
                     *needs::no_capability("CAP_SYS_RESOURCE")) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = json::array({limit("RLIMIT_NOFILE", 1048576, 1048576)});
  Output output = runtime.run(bundle.args({"true"}));
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "peration not permitted"));
}

BOOST_AUTO_TEST_CASE(limit_above_our_own_is_given_to_the_privileged,
                     *needs::capability("CAP_SYS_RESOURCE")) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] {
    rlimit core{4096, 8192};
    checked(::setrlimit(RLIMIT_CORE, &core), "setrlimit");
  };
  bundle.process()["rlimits"] = json::array({limit("RLIMIT_CORE", 16384, 16384)});
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["rlimits"]["RLIMIT_CORE"] ==
             (json{16384, 16384}));
}

BOOST_AUTO_TEST_CASE(soft_limit_above_the_hard_one_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = json::array({limit("RLIMIT_CORE", 2, 1)});
  check_refused(runtime, bundle, "/process/rlimits/0");
}

BOOST_AUTO_TEST_CASE(unknown_limit_is_an_error) {  // E14
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = json::array({limit("RLIMIT_PATIENCE", 1, 1)});
  check_refused(runtime, bundle, "/process/rlimits/0/type");
}

BOOST_AUTO_TEST_CASE(limit_given_twice_is_an_error) {  // E15
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = {limit("RLIMIT_NOFILE", 65, 65), limit("RLIMIT_NOFILE", 64, 64)};
  check_refused(runtime, bundle, "/process/rlimits/1");
}

BOOST_AUTO_TEST_SUITE_END()
