// What a container sees of AppArmor, with profiles that the kernel enforces.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;

namespace {

// A profile of the kernel's as long as this is there. Whom it confines cannot read /secret.
class Profile {
 public:
  explicit Profile(std::string name) : name_(std::move(name)) { parse("--replace"); }
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;
  ~Profile() { parse("--remove"); }

  const std::string& name() const { return name_; }
  // As a process that it confines reads it of itself.
  std::string label() const { return name_ + " (enforce)\n"; }

 private:
  void parse(const std::string& action) const {
    const Output output =
        Command{{"apparmor_parser", "--skip-cache", action},
                {.input = "profile " + name_ +
                          " flags=(attach_disconnected) {\n"
                          "  file,\n  capability,\n  mount,\n  umount,\n  signal,\n  ptrace,\n"
                          "  unix,\n  network,\n  pivot_root,\n  deny /secret r,\n}\n"}}
            .wait();
    BOOST_TEST(output.status == 0, output.err);
  }

  const std::string name_;
};

Bundle& with_secret(Bundle& bundle) {
  bundle.put("/secret", "told\n");
  return bundle;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(apparmor, *needs::root() * needs::apparmor())

BOOST_AUTO_TEST_CASE(a_profile_confines_the_process) {
  const Profile profile{"ocelot-test"};
  Runtime runtime;
  Bundle bundle;
  with_secret(bundle).args({"cat", "/secret"});
  BOOST_TEST(runtime.run(bundle).out == "told\n");  // control
  bundle.process()["apparmorProfile"] = profile.name();
  const Output refused = runtime.run(bundle);
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.err, "Permission denied"), refused.err);
  BOOST_TEST(report(runtime, bundle)["lsm_label"] == profile.label());
}

BOOST_AUTO_TEST_CASE(a_process_that_is_added_has_the_containers_or_its_own) {
  const Profile profile{"ocelot-test"}, other{"ocelot-test-other"};
  Runtime runtime;
  Bundle bundle;
  with_secret(bundle).process()["apparmorProfile"] = profile.name();
  const Running running{runtime, bundle};
  BOOST_TEST(running.report()["lsm_label"] == profile.label());
  BOOST_TEST(running.exec({"cat", "/secret"}).status == 1);
  BOOST_TEST(running.report({"--apparmor", other.name()})["lsm_label"] == other.label());
  BOOST_TEST(running.exec({"cat", "/secret"}, {"--apparmor", "unconfined"}).out == "told\n");
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_not_loaded_is_named,
                     *needs::ocelot("runc says no profile's name")) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["apparmorProfile"] = "ocelot-test-absent";
  const Output refused = runtime.run(bundle);
  BOOST_TEST(refused.status != 0);
  BOOST_TEST(contains(refused.err, "ocelot-test-absent"), refused.err);
  const Profile profile{"ocelot-test"};
  bundle.process()["apparmorProfile"] = profile.name();
  const Running running{runtime, bundle};
  const Output not_added = running.exec({"true"}, {"--apparmor", "ocelot-test-absent"});
  BOOST_TEST(not_added.status == 255);
  BOOST_TEST(contains(not_added.err, "ocelot-test-absent"), not_added.err);
}

BOOST_AUTO_TEST_SUITE_END()
