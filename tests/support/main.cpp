// The main program of the black-box tests. It runs the tests as Boost.Test does and then judges:
//
// - a failed test fails the run, except that of a reference runtime which is listed in
//   tests/expected_failures.txt; a listed one that passes fails the run, too;
// - a skipped test fails the run where $OCELOT_STRICT_SKIPS is set, unless tests/expected_skips.txt
//   lists it (or it is for ocelot alone and a reference runs);
// - whatever the tests left behind (mounts, cgroups, processes) fails the run.
#include <boost/cstdlib.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/tree/traverse.hpp>
#include <boost/test/tree/visitor.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <vector>

#include "tests/support/cgroups.hpp"
#include "tests/support/expectations.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/runtime.hpp"

namespace {

namespace ut = boost::unit_test;
using ocelot::test::Leftovers;
using ocelot::test::Reasons;
using ocelot::test::Runtime;

// "suite/test"
std::string name_of(const ut::test_unit& unit) {
  return unit.full_name();
}

// Gathers how each test ended; Boost.Test forgets it when its main returns.
class Judge : public ut::test_observer {
 public:
  // After results_collector, which has priority 2.
  int priority() override { return 5; }

  void test_unit_finish(const ut::test_unit& unit, unsigned long) override {
    if (unit.p_type != ut::TUT_CASE) return;
    const ut::test_results& results = ut::results_collector.results(unit.p_id);
    (results.passed() ? passed_ : failed_).push_back(name_of(unit));
  }

  void test_unit_skipped(const ut::test_unit& unit, ut::const_string reason) override {
    std::string text{reason.begin(), reason.end()};
    if (text.find("disabled") != std::string::npos) return;  // not chosen on the command line
    skip_all(unit, text);
  }

  bool any_failed() const { return !failed_.empty(); }

  // The number of things that are not as expected, each said on standard error.
  int verdict() const {
    const bool reference = Runtime::is_reference();
    const Reasons failures = ocelot::test::read_reasons(OCELOT_TESTS_DIR "/expected_failures.txt");
    const Reasons skips = ocelot::test::read_reasons(OCELOT_TESTS_DIR "/expected_skips.txt");
    int wrong = 0;
    for (const std::string& name : failed_) {
      if (reference && failures.contains(name)) {
        std::cerr << "expected failure: " << name << ": " << failures.at(name) << "\n";
      } else {
        std::cerr << "FAILED: " << name << "\n";
        ++wrong;
      }
    }
    if (reference)
      for (const std::string& name : passed_)
        if (failures.contains(name)) {
          std::cerr << "PASSED, but is listed as an expected failure: " << name << "\n";
          ++wrong;
        }
    for (const auto& [name, reason] : skipped_) {
      const bool ours = reference && reason.find("not for a reference") != std::string::npos;
      const bool expected = skips.contains(name) || ours;
      std::cerr << (expected ? "expected skip: " : "SKIPPED: ") << name << ": " << reason << "\n";
      if (!expected && std::getenv("OCELOT_STRICT_SKIPS") != nullptr) ++wrong;
    }
    return wrong;
  }

 private:
  void skip_all(const ut::test_unit& unit, const std::string& reason) {
    if (unit.p_type == ut::TUT_CASE) {
      skipped_.emplace_back(name_of(unit), reason);
      return;
    }
    struct Visitor : ut::test_tree_visitor {
      std::vector<std::string> names;
      void visit(const ut::test_case& test) override { names.push_back(name_of(test)); }
    } visitor;
    ut::traverse_test_tree(static_cast<const ut::test_suite&>(unit), visitor, true);
    for (const std::string& name : visitor.names) skipped_.emplace_back(name, reason);
  }

  std::vector<std::string> passed_;
  std::vector<std::string> failed_;
  std::vector<std::pair<std::string, std::string>> skipped_;
};

Judge judge;

bool init() {
  ut::framework::register_observer(judge);
  return true;
}

}  // namespace

int main(int argc, char* argv[]) {
  ocelot::test::become_subreaper();
  ocelot::test::isolate_mounts();
  ocelot::test::cgroup_parent();
  const Leftovers before;

  // Any other result than success or a failed test: the tests did not run as asked.
  int result = ut::unit_test_main(&init, argc, argv);
  if (result != boost::exit_success && result != boost::exit_test_failure &&
      result != boost::exit_exception_failure)
    return result;

  int wrong = judge.verdict();
  // Aborted outside of any test, as by a fixture of the whole program.
  if (result == boost::exit_exception_failure && !judge.any_failed()) ++wrong;
  for (const std::string& complaint : Runtime::complaints()) {
    std::cerr << "COMPLAINT: " << complaint << "\n";
    ++wrong;
  }
  for (const std::string& item : before.since()) {
    std::cerr << "LEFT BEHIND: " << item << "\n";
    ++wrong;
  }
  return wrong == 0 ? boost::exit_success : boost::exit_test_failure;
}
