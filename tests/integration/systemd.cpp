// What can be seen of --systemd-cgroup where systemd does not run; tests/vm/systemd_test.cpp has
// the rest.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::vector<std::string> words(const Runtime& runtime, std::vector<std::string> more) {
  more.insert(more.begin(), {Runtime::path(), "--root", runtime.root(), "--systemd-cgroup"});
  return more;
}

// For errors that come before systemd is asked.
Output refused(const Runtime& runtime, const Bundle& bundle) {
  bundle.write();
  const Output output = run(words(runtime, {"run", "--bundle", bundle.path(), "c"}));
  BOOST_TEST(output.status == 1);
  BOOST_TEST(runtime.ids().empty());
  return output;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(systemd, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(a_host_without_systemd_says_so, *needs::absent("/run/systemd/system")) {
  const Runtime runtime;
  Bundle bundle;
  bundle.linux()["cgroupsPath"] = "system.slice:test:x";
  const Output output = refused(runtime, bundle);
  BOOST_TEST(contains(output.err, "systemd not running on this host"), output.err);
  BOOST_TEST(contains(output.err, "--cgroup-manager cgroupfs"), output.err);
}

BOOST_AUTO_TEST_CASE(a_plan_shows_the_unit_and_its_properties) {
  const Runtime runtime;
  Bundle bundle;
  bundle.linux()["cgroupsPath"] = "machine.slice:test:x";
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  bundle.config["annotations"] = {{"org.systemd.property.TimeoutStopSec", "90"}};
  bundle.write();
  const Output output = run(words(runtime, {"plan", "--bundle", bundle.path(), "c"}));
  BOOST_TEST(output.status == 0, output.err);
  for (const char* part :
       {"test-x.scope", "TasksMax", "TimeoutStopUSec", "90000000", "machine.slice"})
    BOOST_TEST(contains(output.out, part), output.out);
}

BOOST_AUTO_TEST_CASE(an_annotation_cannot_take_another_process_or_place) {
  const Runtime runtime;
  for (const char* name : {"PIDs", "Slice"}) {
    Bundle bundle;
    bundle.linux()["cgroupsPath"] = "system.slice:test:x";
    bundle.config["annotations"] = {{std::string("org.systemd.property.") + name, "[uint32 1]"}};
    const Output output = refused(runtime, bundle);
    BOOST_TEST(contains(output.err, "only the runtime sets"), output.err);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_name_for_systemd_is_refused) {
  const Runtime runtime;
  for (const char* path : {"/a/b", "a.slice:b", "a--b.slice:p:x", "system.slice:p:a b"}) {
    Bundle bundle;
    bundle.linux()["cgroupsPath"] = path;
    const Output output = refused(runtime, bundle);
    BOOST_TEST(contains(output.err, "slice:prefix:name"), output.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
