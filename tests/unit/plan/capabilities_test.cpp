#include "runtime/plan/capabilities.hpp"

#include <linux/capability.h>

#include <boost/test/unit_test.hpp>

using ocelot::CapabilityPlan;
using ocelot::plan_capabilities;
using ocelot::oci::Capabilities;

namespace {

constexpr std::uint64_t chown_bit = 1u << CAP_CHOWN;
constexpr std::uint64_t kill_bit = 1u << CAP_KILL;

Capabilities in_all_sets(const std::vector<std::string>& names) {
  return {names, names, names, names, names};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_capabilities_)

BOOST_AUTO_TEST_CASE(without_the_object_all_sets_are_empty) {
  BOOST_TEST((plan_capabilities(std::nullopt, 40) == CapabilityPlan{}));
}

BOOST_AUTO_TEST_CASE(a_name_becomes_the_kernels_bit_in_the_set_that_lists_it) {
  Capabilities sets;
  sets.bounding = {"CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"};
  sets.permitted = {"CAP_KILL"};
  const CapabilityPlan plan = plan_capabilities(sets, 40);
  BOOST_TEST(plan.bounding == (chown_bit | std::uint64_t{1} << CAP_CHECKPOINT_RESTORE));
  BOOST_TEST(plan.permitted == kill_bit);
  BOOST_TEST(plan.effective == 0u);
  BOOST_TEST(plan.warnings.empty());
}

BOOST_AUTO_TEST_CASE(the_same_list_in_all_five_sets_is_granted_in_all_five) {
  const CapabilityPlan plan = plan_capabilities(in_all_sets({"CAP_CHOWN", "CAP_KILL"}), 40);
  const std::uint64_t both = chown_bit | kill_bit;
  BOOST_TEST((plan == CapabilityPlan{both, both, both, both, both, {}}));
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_warned_about_once_and_left_out) {
  const CapabilityPlan plan = plan_capabilities(in_all_sets({"CAP_TIME_TRAVEL", "CAP_KILL"}), 40);
  BOOST_TEST(plan.permitted == kill_bit);
  BOOST_REQUIRE(plan.warnings.size() == 1u);
  BOOST_TEST(plan.warnings[0] == "capabilities: CAP_TIME_TRAVEL is unknown: ignored");
}

BOOST_AUTO_TEST_CASE(numbers_other_cases_and_names_without_the_prefix_are_unknown) {
  for (const char* name :
       {"5", "cap_kill", "Cap_Kill", "KILL", "kill", "", "CAP_", "CAP_5", "CAP_KILL "}) {
    BOOST_TEST_CONTEXT("\"" << name << "\"") {
      const CapabilityPlan plan = plan_capabilities(in_all_sets({name}), 40);
      BOOST_TEST(plan.bounding == 0u);
      BOOST_TEST(plan.warnings.size() == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_capability_younger_than_the_kernel_is_warned_about_and_left_out) {
  const CapabilityPlan plan =
      plan_capabilities(in_all_sets({"CAP_CHECKPOINT_RESTORE", "CAP_KILL"}), 39);
  BOOST_TEST(plan.permitted == kill_bit);
  BOOST_REQUIRE(plan.warnings.size() == 1u);
  BOOST_TEST(plan.warnings[0] ==
             "capabilities: CAP_CHECKPOINT_RESTORE is unknown to this kernel: ignored");
}

BOOST_AUTO_TEST_CASE(what_the_runtime_has_not_got_is_warned_about_and_left_out) {
  const CapabilityPlan plan =
      plan_capabilities(in_all_sets({"CAP_CHOWN", "CAP_KILL"}), 40, kill_bit);
  BOOST_TEST(
      (plan == CapabilityPlan{kill_bit, kill_bit, kill_bit, kill_bit, kill_bit, plan.warnings}));
  BOOST_TEST(plan.warnings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(ambient_needs_permitted_and_inheritable) {
  Capabilities sets;
  sets.bounding = {"CAP_CHOWN", "CAP_KILL", "CAP_FOWNER"};
  sets.permitted = {"CAP_CHOWN", "CAP_KILL"};
  sets.inheritable = {"CAP_CHOWN", "CAP_FOWNER"};
  sets.ambient = {"CAP_CHOWN", "CAP_KILL", "CAP_FOWNER"};
  const CapabilityPlan plan = plan_capabilities(sets, 40);
  BOOST_TEST(plan.ambient == chown_bit);
  BOOST_REQUIRE(plan.warnings.size() == 1u);  // one line for all of one reason
  BOOST_TEST(plan.warnings[0] ==
             "capabilities: CAP_FOWNER, CAP_KILL are ambient but not both permitted and "
             "inheritable: ignored");
}

BOOST_AUTO_TEST_CASE(what_capset_would_refuse_is_warned_about_and_left_out) {
  Capabilities sets;
  sets.bounding = {"CAP_KILL"};
  sets.permitted = {"CAP_KILL"};
  sets.effective = {"CAP_KILL", "CAP_CHOWN"};
  sets.inheritable = {"CAP_KILL", "CAP_CHOWN"};
  const CapabilityPlan plan = plan_capabilities(sets, 40);
  BOOST_TEST(plan.effective == kill_bit);
  BOOST_TEST(plan.inheritable == kill_bit);
  BOOST_TEST(
      plan.warnings ==
          (std::vector<std::string>{
              "capabilities: CAP_CHOWN is effective but not permitted: ignored",
              "capabilities: CAP_CHOWN is inheritable but not in the bounding set: ignored"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_are_the_kernels_in_its_order) {
  const auto names = ocelot::capability_names(40);
  BOOST_REQUIRE(names.size() == 41u);
  BOOST_TEST(names.front() == "CAP_CHOWN");
  BOOST_TEST(names[CAP_SYS_ADMIN] == "CAP_SYS_ADMIN");
  BOOST_TEST(names.back() == "CAP_CHECKPOINT_RESTORE");
  BOOST_TEST(ocelot::capability_names(37).back() == "CAP_AUDIT_READ");
}

BOOST_AUTO_TEST_CASE(a_capability_without_a_name_is_not_listed) {
  BOOST_TEST(ocelot::capability_names(63).size() == 41u);
}

BOOST_AUTO_TEST_SUITE_END()
