#include "runtime/intel_rdt.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot {
namespace {

IntelRdtPlan planned(const oci::IntelRdt& rdt) {
  return *plan_intel_rdt(rdt, "web-1", "/sys/fs/resctrl");
}

// A directory that stands for resctrl. What the kernel makes with a group, and takes away with it,
// is made and taken away here.
class Resctrl {
 public:
  std::string path(const std::string& name) const { return directory_ / name; }
  bool exists(const std::string& name) const { return ::access(path(name).c_str(), F_OK) == 0; }
  std::string read(const std::string& name) const { return test::read_file(path(name)); }

  void make_group(const std::string& name, const std::string& schemata) const {
    ::mkdir(path(name).c_str(), 0755);
    test::write_file(path(name) + "/schemata", schemata);
    make_monitoring(name);
  }
  void make_monitoring(const std::string& name) const {
    ::mkdir((path(name) + "/mon_groups").c_str(), 0755);
  }
  void take_files_of(const std::string& name) const {
    for (const char* file : {"schemata", "tasks"}) ::unlink((path(name) + "/" + file).c_str());
  }
  IntelRdtPlan plan(const oci::IntelRdt& rdt) const {
    return *plan_intel_rdt(rdt, "web-1", directory_.path());
  }

 private:
  test::TempDir directory_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(intel_rdt)

BOOST_AUTO_TEST_CASE(without_it_there_is_no_plan) {
  BOOST_TEST(!plan_intel_rdt(std::nullopt, "web-1", "").has_value());
}

BOOST_AUTO_TEST_CASE(without_a_clos_id_the_group_is_named_after_the_container) {
  const IntelRdtPlan plan = planned({.mem_bw_schema = "MB:0=20"});
  BOOST_TEST(plan.group_path() == "/sys/fs/resctrl/web-1");
  BOOST_TEST(!plan.named_by_caller);
  BOOST_TEST(!plan.group_must_exist);
}

BOOST_AUTO_TEST_CASE(a_slash_is_the_root_group) {
  const IntelRdtPlan plan = planned({.clos_id = "/", .enable_monitoring = true});
  BOOST_TEST(plan.group_path() == "/sys/fs/resctrl");
  BOOST_TEST(plan.monitor_path() == "/sys/fs/resctrl/mon_groups/web-1");
}

BOOST_AUTO_TEST_CASE(a_clos_id_alone_names_a_group_that_must_exist) {
  BOOST_TEST(planned({.clos_id = "gold"}).group_must_exist);
  BOOST_TEST(!planned({.clos_id = "gold", .mem_bw_schema = "MB:0=20"}).group_must_exist);
}

BOOST_AUTO_TEST_CASE(l3_comes_before_memory_bandwidth_before_the_rest) {
  const IntelRdtPlan plan = planned({.l3_cache_schema = "L3:0=f",
                                     .mem_bw_schema = "MB:0=20",
                                     .schemata = {"L2:0=3", "SMBA:0=2048"}});
  BOOST_TEST(plan.schemata == "L3:0=f\nMB:0=20\nL2:0=3\nSMBA:0=2048\n");
}

BOOST_AUTO_TEST_CASE(bandwidth_among_the_l3_lines_gives_way_to_mem_bw_schema) {
  const std::string l3 = "L3:0=f\n MB:0=90\nL3CODE:1=3";
  BOOST_TEST(planned({.l3_cache_schema = l3, .mem_bw_schema = "MB:0=20"}).schemata ==
             "L3:0=f\nL3CODE:1=3\nMB:0=20\n");
  BOOST_TEST(planned({.l3_cache_schema = l3}).schemata == "L3:0=f\nMB:0=90\nL3CODE:1=3\n");
}

BOOST_AUTO_TEST_CASE(monitoring_is_only_where_it_is_asked_for) {
  BOOST_TEST(planned({}).monitor_path() == "");
  BOOST_TEST(planned({.clos_id = "gold", .enable_monitoring = true}).monitor_path() ==
             "/sys/fs/resctrl/gold/mon_groups/web-1");
}

BOOST_AUTO_TEST_CASE(schemata_match_however_they_are_written) {
  const std::string actual = "    MB:0= 20;1=100\n    L3:0=00f;1=fff\n";
  BOOST_TEST(schemata_match(actual, "L3:0=f;1=FFF\nMB:0=20;1=100"));
  BOOST_TEST(schemata_match(actual, "L3:1=fff;0=0f"));
  BOOST_TEST(schemata_match(actual, "L3:1=fff"));  // of the other domain nothing was asked
  BOOST_TEST(schemata_match(actual, ""));
  BOOST_TEST(!schemata_match(actual, "L3:0=1f;1=fff"));
  BOOST_TEST(!schemata_match(actual, "L3:2=f"));
  BOOST_TEST(!schemata_match(actual, "L2:0=f"));
  BOOST_TEST(!schemata_match(actual, "MB:0=200"));
  BOOST_TEST(!schemata_match(actual, "nonsense"));
  BOOST_TEST(schemata_match("L3:0=0\n", "L3:0=00"));
}

BOOST_AUTO_TEST_CASE(a_new_group_gets_its_schemata_in_one_write_and_the_process) {
  const Resctrl resctrl;
  IntelRdtGroup group(resctrl.plan({.l3_cache_schema = "L3:0=f", .mem_bw_schema = "MB:0=20"}));
  group.make();
  group.add(4711);
  group.commit();
  BOOST_TEST(resctrl.read("web-1/schemata") == "L3:0=f\nMB:0=20\n");
  BOOST_TEST(resctrl.read("web-1/tasks") == "4711");
  BOOST_TEST(group.group_to_remove() == resctrl.path("web-1"));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_where_no_schema_is_given) {
  const Resctrl resctrl;
  IntelRdtGroup group(resctrl.plan({}));
  group.make();
  group.commit();
  BOOST_TEST(resctrl.exists("web-1"));
  BOOST_TEST(!resctrl.exists("web-1/schemata"));
}

BOOST_AUTO_TEST_CASE(an_existing_group_with_the_same_schemata_is_joined_and_stays) {  // L24
  const Resctrl resctrl;
  resctrl.make_group("gold", "    L3:0=00f\n");
  const std::string before = resctrl.read("gold/schemata");
  {
    IntelRdtGroup group(resctrl.plan({.clos_id = "gold", .l3_cache_schema = "L3:0=f"}));
    group.make();
    group.add(4711);
    BOOST_TEST(group.group_to_remove() == "");
  }
  BOOST_TEST(resctrl.read("gold/tasks") == "4711");
  BOOST_TEST(resctrl.read("gold/schemata") == before);
}

BOOST_AUTO_TEST_CASE(an_existing_group_with_other_schemata_is_refused_and_stays) {  // E49
  const Resctrl resctrl;
  resctrl.make_group("gold", "L3:0=f\n");
  BOOST_CHECK_EXCEPTION(
      IntelRdtGroup(resctrl.plan({.clos_id = "gold", .l3_cache_schema = "L3:0=3"})).make(), Error,
      [](const Error& error) {
        return std::string(error.what()).find("gold") != std::string::npos;
      });
  BOOST_TEST(resctrl.read("gold/schemata") == "L3:0=f\n");
}

BOOST_AUTO_TEST_CASE(a_clos_id_alone_that_nobody_has_set_up_is_refused_and_not_made) {  // E50
  const Resctrl resctrl;
  BOOST_CHECK_EXCEPTION(IntelRdtGroup(resctrl.plan({.clos_id = "gold"})).make(), Error,
                        [](const Error& error) {
                          return std::string(error.what()).find("gold") != std::string::npos;
                        });
  BOOST_TEST(!resctrl.exists("gold"));
}

BOOST_AUTO_TEST_CASE(a_group_of_a_clos_id_outlives_the_container) {
  const Resctrl resctrl;
  IntelRdtGroup group(resctrl.plan({.clos_id = "gold", .mem_bw_schema = "MB:0=20"}));
  group.make();
  group.commit();
  BOOST_TEST(group.group_to_remove() == "");
}

BOOST_AUTO_TEST_CASE(what_was_made_is_removed_unless_committed) {
  const Resctrl resctrl;
  for (const char* clos : {"", "gold"}) {
    const std::string name = *clos == '\0' ? "web-1" : clos;
    {
      IntelRdtGroup group(resctrl.plan({.clos_id = clos, .mem_bw_schema = "MB:0=20"}));
      group.make();
      BOOST_TEST(resctrl.exists(name));
      resctrl.take_files_of(name);
    }
    BOOST_TEST(!resctrl.exists(name));
  }
}

BOOST_AUTO_TEST_CASE(a_monitoring_group_is_made_inside_joined_and_removed_alone) {
  const Resctrl resctrl;
  resctrl.make_group("gold", "L3:0=f\n");
  IntelRdtGroup group(resctrl.plan({.clos_id = "gold", .enable_monitoring = true}));
  group.make();
  group.add(4711);
  group.commit();
  BOOST_TEST(resctrl.read("gold/mon_groups/web-1/tasks") == "4711");
  BOOST_TEST(group.monitor_to_remove() == resctrl.path("gold/mon_groups/web-1"));
  resctrl.take_files_of("gold/mon_groups/web-1");
  remove_intel_rdt(group.group_to_remove(), group.monitor_to_remove());
  BOOST_TEST(!resctrl.exists("gold/mon_groups/web-1"));
  BOOST_TEST(resctrl.exists("gold"));
}

BOOST_AUTO_TEST_CASE(
    a_monitoring_group_that_cannot_be_made_is_an_error_that_leaves_no_group) {  // E52
  const Resctrl resctrl;  // a new group has no mon_groups here
  BOOST_CHECK_THROW(IntelRdtGroup(resctrl.plan({.enable_monitoring = true})).make(), Error);
  BOOST_TEST(!resctrl.exists("web-1"));
}

BOOST_AUTO_TEST_CASE(new_schemata_stay_once_they_are_committed) {
  const Resctrl resctrl;
  resctrl.make_group("web-1", "L3:0=f\n");
  {
    ChangedSchemata change(resctrl.plan({.l3_cache_schema = "L3:0=3"}));
    BOOST_TEST(resctrl.read("web-1/schemata") == "L3:0=3\n");
  }
  BOOST_TEST(resctrl.read("web-1/schemata") == "L3:0=f\n");
  ChangedSchemata change(resctrl.plan({.l3_cache_schema = "L3:0=3"}));
  change.commit();
  BOOST_TEST(resctrl.read("web-1/schemata") == "L3:0=3\n");
}

BOOST_AUTO_TEST_CASE(new_schemata_of_a_group_that_is_gone_are_an_error_and_make_none) {
  const Resctrl resctrl;
  BOOST_CHECK_THROW(ChangedSchemata(resctrl.plan({.mem_bw_schema = "MB:0=20"})), Error);
  BOOST_TEST(!resctrl.exists("web-1"));
}

BOOST_AUTO_TEST_CASE(removing_what_is_gone_is_no_error) {
  const Resctrl resctrl;
  remove_intel_rdt(resctrl.path("web-1"), resctrl.path("gold/mon_groups/web-1"));
  remove_intel_rdt("", "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
