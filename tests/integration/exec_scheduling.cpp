// When and where a process that is added runs.
#include <sched.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A process document that says nothing of it.
const json kSilent{{"cwd", "/"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_scheduling, *needs::root())

BOOST_AUTO_TEST_CASE(scheduler_is_the_containers_unless_a_document_has_one) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["scheduler"] = {{"policy", "SCHED_BATCH"}, {"nice", 5}};
  Running running{runtime, bundle};
  for (const json& seen : {running.report(), running.report_of(kSilent)}) {
    BOOST_TEST(seen["scheduler"]["policy"] == SCHED_BATCH);
    BOOST_TEST(seen["scheduler"]["nice"] == 5);
  }
  json process = kSilent;
  process["scheduler"] = {{"policy", "SCHED_OTHER"}, {"nice", 7}};
  const json seen = running.report_of(process)["scheduler"];
  BOOST_TEST(seen["policy"] == SCHED_OTHER);
  BOOST_TEST(seen["nice"] == 7);
}

BOOST_AUTO_TEST_CASE(io_priority_is_the_containers_unless_a_document_has_one) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["ioPriority"] = {{"class", "IOPRIO_CLASS_BE"}, {"priority", 3}};
  Running running{runtime, bundle};
  for (const json& seen : {running.report(), running.report_of(kSilent)})
    BOOST_TEST(seen["ioprio"] == (json{{"class", 2}, {"priority", 3}}));
  json process = kSilent;
  process["ioPriority"] = {{"class", "IOPRIO_CLASS_IDLE"}, {"priority", 0}};
  BOOST_TEST(running.report_of(process)["ioprio"]["class"] == 3);
}

BOOST_AUTO_TEST_CASE(processors_are_the_containers_unless_a_document_has_some, *needs::cpus(2)) {
  const json ours = host_report()["affinity"];
  const json first = json::array({ours.front()});
  const json last = json::array({ours.back()});
  for (const char* when : {"initial", "final"}) {
    Runtime runtime;
    Bundle bundle;
    bundle.process()["execCPUAffinity"] = {{when, last[0].dump()}};
    Running running{runtime, bundle};
    BOOST_TEST(running.report()["affinity"] == last, when);
    BOOST_TEST(running.report_of(kSilent)["affinity"] == last, when);
    json process = kSilent;
    process["execCPUAffinity"] = {{when, first[0].dump()}};
    BOOST_TEST(running.report_of(process)["affinity"] == first, when);
  }
}

BOOST_AUTO_TEST_SUITE_END()
