// What the program does where systemd makes the cgroups. Only `create` is told so: the others know
// it from the container's state.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>

#include "tests/support/black_box.hpp"
#include "tests/support/cgroups.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* idle = "echo ready; while :; do sleep 1000; done";
constexpr const char* managers_socket = "/run/systemd/private";

std::vector<std::string> words(const Runtime& runtime, std::vector<std::string> more) {
  more.insert(more.begin(), {Runtime::path(), "--root", runtime.root(), "--systemd-cgroup"});
  return more;
}

// A bundle whose cgroupsPath is for systemd, and its names there.
struct Unit : Bundle {
  explicit Unit(const std::string& name, const std::string& slice = "system.slice")
      : unit("test-" + name + ".scope"), place("/" + slice + "/" + unit) {
    linux()["cgroupsPath"] = slice + ":test:" + name;
  }
  std::string unit, place;

  std::string shown(const std::string& property) const {
    return line(run({"systemctl", ::geteuid() == 0 ? "--system" : "--user", "show", "--value",
                     "--property", property, unit})
                    .out);
  }
  std::string directory(const std::string& controller) const {
    return cgroup_directory(controller, place);
  }
  std::string file(const std::string& controller, const std::string& name) const {
    return line(read_file(directory(controller) + "/" + name));
  }
  // Whether systemd and the kernel have forgotten it.
  bool gone() const { return shown("LoadState") == "not-found" && !fs::exists(directory("pids")); }

  static std::string line(const std::string& text) { return text.substr(0, text.find('\n')); }
};

Container create(Runtime& runtime, const Bundle& bundle, const std::string& id = "c") {
  bundle.write();
  return {runtime, id,
          Command{words(runtime, {"create", "--bundle", bundle.path(), id}),
                  {.keep_input_open = true}}};
}

Container must_create(Runtime& runtime, const Bundle& bundle, const std::string& id = "c") {
  Container container = create(runtime, bundle, id);
  if (container.created.status != 0) throw std::runtime_error(container.created.err);
  return container;
}

// systemd cannot be asked anything for as long as this lives: no broker runs in the guest.
struct Unreachable {
  Unreachable() { fs::rename(managers_socket, away); }
  ~Unreachable() { fs::rename(away, managers_socket); }
  const std::string away = std::string(managers_socket) + ".away";
};

Output shell(const Runtime& runtime, const std::string& script) {
  return runtime.call({"exec", "c", "/bin/sh", "-c", script});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(under_systemd, *needs::root() * needs::file(managers_socket))

BOOST_AUTO_TEST_CASE(the_container_alone_is_in_a_scope_with_its_limits_and_leaves_none) {
  Runtime runtime;
  Unit bundle{"limits"};
  bundle.linux()["resources"]["memory"] = {{"limit", 67108864}};
  bundle.linux()["resources"]["cpu"] = {{"shares", 512}, {"quota", 50100}, {"period", 100000}};
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  Container container = must_create(runtime, bundle);
  BOOST_TEST(contains(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"),
                      bundle.place + "\n"));
  BOOST_TEST(bundle.file("pids", "cgroup.procs") == std::to_string(container.pid()));
  BOOST_TEST(bundle.shown("ActiveState") == "active");
  BOOST_TEST(bundle.shown("Delegate") == "yes");
  BOOST_TEST(bundle.shown("Slice") == "system.slice");
  BOOST_TEST(bundle.shown("Description") == "ocelot container c");
  BOOST_TEST(bundle.shown("TasksMax") == "20");
  BOOST_TEST(bundle.shown("CPUQuotaPerSecUSec") == "510ms");
  BOOST_TEST(bundle.file("pids", "pids.max") == "20");
  if (is_unified()) {
    BOOST_TEST(bundle.shown("MemoryMax") == "67108864");
    BOOST_TEST(bundle.file("memory", "memory.max") == "67108864");
    BOOST_TEST(bundle.file("cpu", "cpu.max") == "50100 100000");
  } else {
    BOOST_TEST(bundle.shown("MemoryLimit") == "67108864");
    BOOST_TEST(bundle.file("memory", "memory.limit_in_bytes") == "67108864");
    BOOST_TEST(bundle.file("cpu", "cpu.cfs_quota_us") == "50100");
  }
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(a_container_that_has_ended_leaves_nothing) {
  Runtime runtime;
  Unit bundle{"ends"};
  bundle.args({"cat", "/proc/self/cgroup"});
  bundle.write();
  const Output output = run(words(runtime, {"run", "--bundle", bundle.path(), "c"}));
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(without_a_path_the_scope_has_the_containers_name) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux().erase("cgroupsPath");
  Container container = must_create(runtime, bundle, "c.1");
  BOOST_TEST(contains(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"),
                      "/system.slice/ocelot-c.1.scope\n"));
}

BOOST_AUTO_TEST_CASE(a_slice_is_made_below_its_parents_and_may_be_the_containers_own) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["cgroupsPath"] = "testa.slice:x:testa-b.slice";
  Container container = must_create(runtime, bundle);
  BOOST_TEST(contains(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"),
                      "/testa.slice/testa-b.slice\n"));
  BOOST_TEST(container.del({"--force"}).status == 0);
  BOOST_TEST(!fs::exists(cgroup_directory("pids", "/testa.slice/testa-b.slice")));
}

BOOST_AUTO_TEST_CASE(a_cgroup_below_the_scope_is_the_containers_own) {
  Runtime runtime;
  Unit bundle{"delegates"};
  bundle.add_namespace("cgroup").shell(idle);
  bundle.config["annotations"] = {{"run.oci.delegate-cgroup", "payload"}};
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  Container container = create(runtime, bundle);
  if (!is_unified()) return check_error(container.created, "needs cgroup v2");
  BOOST_REQUIRE_MESSAGE(container.created.status == 0, container.created.err);
  BOOST_TEST(bundle.file("pids", "payload/cgroup.procs") == std::to_string(container.pid()));
  BOOST_TEST(contains(bundle.file("pids", "payload/cgroup.controllers"), "memory"));
  BOOST_TEST(bundle.file("pids", "pids.max") == "20");
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready\n");
  BOOST_TEST(shell(runtime, "cat /proc/self/cgroup").out == "0::/payload\n");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(the_container_may_be_in_a_cgroup_of_its_scope) {
  Runtime runtime;
  Unit bundle{"subgroup"};
  bundle.add_user_namespace().add_namespace("cgroup").remove_mount("/sys/fs/cgroup");
  bundle.add_mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev"});
  bundle.config["annotations"] = {{"run.oci.systemd.subgroup", "container"}};
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  Container container = create(runtime, bundle.shell(idle));
  if (!is_unified()) return check_error(container.created, "needs cgroup v2");
  BOOST_REQUIRE_MESSAGE(container.created.status == 0, container.created.err);
  const std::string init = std::to_string(container.pid());
  BOOST_TEST(bundle.file("pids", "container/cgroup.procs") == init);
  BOOST_TEST(bundle.file("pids", "cgroup.procs") == "");
  BOOST_TEST(bundle.file("pids", "pids.max") == "20");
  BOOST_TEST(bundle.file("pids", "container/pids.max") == "max");
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready\n");
  // The root of what it sees, which it owns as the scope is systemd's.
  BOOST_TEST(shell(runtime,
                   "cat /proc/self/cgroup; mkdir /sys/fs/cgroup/inner && echo made; "
                   "stat -c %u /sys/fs/cgroup/memory.oom.group")
                 .out == "0::/\nmade\n0\n");
  struct stat facts {};
  checked(::stat(bundle.directory("pids").c_str(), &facts), "stat");
  BOOST_TEST(facts.st_uid == 0U);
  BOOST_TEST(runtime.call({"exec", "--cgroup", "inner", "c", "cat", "/proc/self/cgroup"}).out ==
             "0::/inner\n");
  BOOST_TEST(contains(runtime.call({"ps", "--format", "json", "c"}).out, init));
  BOOST_TEST(runtime.call({"update", "--pids-limit", "33", "c"}).status == 0);
  BOOST_TEST(bundle.file("pids", "pids.max") == "33");
  BOOST_TEST(bundle.shown("TasksMax") == "33");
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(
      contains(read_file(bundle.directory("pids") + "/container/cgroup.events"), "frozen 1"));
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status != 0);
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  const json stats = json::parse(runtime.call({"events", "--stats", "c"}).out)["data"];
  BOOST_TEST(stats["pids"]["current"].get<int>() > 0);
  BOOST_TEST(stats["pids"]["limit"] == 33);
  BOOST_TEST(runtime.call({"kill", "--all", "c", "KILL"}).status == 0);
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(both_cgroups_below_a_scope_are_one_in_the_other) {
  Runtime runtime;
  Unit bundle{"both"};
  bundle.add_namespace("cgroup").shell(idle);
  bundle.config["annotations"] = {{"run.oci.systemd.subgroup", "outer"},
                                  {"run.oci.delegate-cgroup", "inner"}};
  Container container = create(runtime, bundle);
  if (!is_unified()) return check_error(container.created, "needs cgroup v2");
  BOOST_REQUIRE_MESSAGE(container.created.status == 0, container.created.err);
  BOOST_TEST(bundle.file("pids", "outer/inner/cgroup.procs") == std::to_string(container.pid()));
  BOOST_TEST(contains(bundle.file("pids", "outer/inner/cgroup.controllers"), "memory"));
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready\n");
  BOOST_TEST(shell(runtime, "cat /proc/self/cgroup").out == "0::/inner\n");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(an_empty_name_of_a_cgroup_in_the_scope_is_none) {
  Runtime runtime;
  Unit bundle{"nosub"};
  bundle.config["annotations"] = {{"run.oci.systemd.subgroup", ""}};
  Container container = must_create(runtime, bundle);
  BOOST_TEST(bundle.file("pids", "cgroup.procs") == std::to_string(container.pid()));
}

BOOST_AUTO_TEST_CASE(annotations_are_properties) {
  Runtime runtime;
  Unit bundle{"annotated"};
  bundle.config["annotations"] = {{"org.systemd.property.TimeoutStopSec", "uint64 17"},
                                  {"org.systemd.property.After", "['first.service', 'b.service']"},
                                  {"org.systemd.property.CollectMode", "'inactive'"}};
  Container container = must_create(runtime, bundle);
  BOOST_TEST(bundle.shown("TimeoutStopUSec") == "17s");
  BOOST_TEST(contains(bundle.shown("After"), "first.service"));
  BOOST_TEST(contains(bundle.shown("After"), "b.service"));
  BOOST_TEST(bundle.shown("CollectMode") == "inactive");
}

BOOST_AUTO_TEST_CASE(what_systemd_refuses_is_told_and_leaves_nothing) {
  Runtime runtime;
  Unit bundle{"refused"};
  bundle.config["annotations"] = {{"org.systemd.property.NoSuchProperty", "true"}};
  const Container container = create(runtime, bundle);
  BOOST_TEST(container.created.status == 1);
  BOOST_TEST(contains(container.created.err, "refuses to start " + bundle.unit),
             container.created.err);
  BOOST_TEST(contains(container.created.err, "NoSuchProperty"), container.created.err);
  BOOST_TEST(bundle.gone());
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(a_job_that_fails_is_told_with_its_result) {
  Runtime runtime;
  Unit bundle{"dependent"};
  write_file("/run/systemd/system/test-fails.service",
             "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/false\n");
  BOOST_REQUIRE_EQUAL(run({"systemctl", "daemon-reload"}).status, 0);
  bundle.config["annotations"] = {{"org.systemd.property.Requires", "['test-fails.service']"},
                                  {"org.systemd.property.After", "['test-fails.service']"}};
  const Container container = create(runtime, bundle);
  BOOST_TEST(container.created.status == 1);
  BOOST_TEST(contains(container.created.err,
                      "could not start " + bundle.unit + ": its job ended with \"dependency\""),
             container.created.err);
  BOOST_TEST(contains(container.created.err, "journalctl -u " + bundle.unit),
             container.created.err);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(a_job_that_does_not_end_is_given_up_and_named) {
  Runtime runtime;
  Unit bundle{"waiting"};
  write_file(
      "/run/systemd/system/test-waits.service",
      "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n");
  BOOST_REQUIRE_EQUAL(run({"systemctl", "daemon-reload"}).status, 0);
  bundle.config["annotations"] = {{"org.systemd.property.Requires", "['test-waits.service']"},
                                  {"org.systemd.property.After", "['test-waits.service']"}};
  bundle.write();
  const Output output = run(words(runtime, {"create", "--bundle", bundle.path(), "c"}),
                            {.timeout = std::chrono::seconds{90}});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "did not start " + bundle.unit + " in 30 s"), output.err);
  BOOST_TEST(contains(output.err, "list-jobs"), output.err);
  BOOST_TEST(runtime.ids().empty());
  BOOST_TEST(run({"systemctl", "stop", "test-waits.service"}).status == 0);
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_there_is_nobody_elses) {
  Runtime runtime;
  Unit bundle{"twice"};
  bundle.shell(idle);
  const Container first = must_create(runtime, bundle);
  const Container second = create(runtime, bundle, "d");
  BOOST_TEST(second.created.status == 1);
  BOOST_TEST(contains(second.created.err, bundle.unit), second.created.err);
  BOOST_TEST(contains(second.created.err, "use another cgroupsPath"), second.created.err);
  BOOST_TEST(runtime.status("c") == "created");
}

BOOST_AUTO_TEST_CASE(update_tells_systemd_what_it_writes) {
  Runtime runtime;
  Unit bundle{"updated"};
  bundle.shell(idle);
  const Container container = must_create(runtime, bundle);
  BOOST_TEST(runtime.call({"update", "--pids-limit", "33", "--memory", "50331648", "c"}).status ==
             0);
  BOOST_TEST(bundle.shown("TasksMax") == "33");
  BOOST_TEST(bundle.shown(is_unified() ? "MemoryMax" : "MemoryLimit") == "50331648");
  BOOST_TEST(bundle.file("pids", "pids.max") == "33");
  // systemd counts whole percents; what was asked for is in force all the same.
  BOOST_TEST(
      runtime.call({"update", "--cpu-quota", "50100", "--cpu-period", "100000", "c"}).status == 0);
  BOOST_TEST(bundle.shown("CPUQuotaPerSecUSec") == "510ms");
  if (is_unified()) {
    BOOST_TEST(bundle.file("cpu", "cpu.max") == "50100 100000");
  } else {
    BOOST_TEST(bundle.file("cpu", "cpu.cfs_quota_us") == "50100");
  }
  const Unreachable systemd;
  const Output output = runtime.call({"update", "--pids-limit", "44", "c"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "cannot connect to systemd"), output.err);
  BOOST_TEST(bundle.file("pids", "pids.max") == "33");
}

// systemd writes all that it knows of the processor when it is told one thing.
BOOST_AUTO_TEST_CASE(one_limit_of_the_processor_leaves_the_others_as_they_were) {
  Runtime runtime;
  Unit bundle{"processor"};
  bundle.linux()["resources"]["cpu"] = {{"quota", 25100}, {"period", 50000}};
  const Container container = must_create(runtime, bundle);
  const auto update = [&](const char* option, const char* value) {
    const Output output = runtime.call({"update", option, value, "c"});
    BOOST_TEST(output.status == 0, output.err);
    if (is_unified()) return bundle.file("cpu", "cpu.max");
    return bundle.file("cpu", "cpu.cfs_quota_us") + " " + bundle.file("cpu", "cpu.cfs_period_us");
  };
  BOOST_TEST(update("--cpu-share", "512") == "25100 50000");
  BOOST_TEST(update("--cpu-quota", "10100") == "10100 50000");
  BOOST_TEST(bundle.shown("CPUQuotaPerSecUSec") == "210ms");
  BOOST_TEST(update("--cpu-period", "100000") == "10100 100000");
  BOOST_TEST(bundle.shown("CPUQuotaPerSecUSec") == "110ms");
}

BOOST_AUTO_TEST_CASE(an_update_that_cannot_be_saved_is_taken_back_from_systemd) {
  Runtime runtime;
  Unit bundle{"unsaved"};
  bundle.linux()["resources"]["cpu"] = {{"quota", 50100}, {"period", 100000}};
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  const Container container = must_create(runtime, bundle);
  const std::string quota = is_unified() ? "cpu.max" : "cpu.cfs_quota_us";
  const std::string before = bundle.file("cpu", quota);
  RunOptions options;
  options.in_child = [] {  // longer than the lock file that names the holder, shorter than the rest
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 64, .rlim_max = 64};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const Output output = runtime.call(
      {"update", "--pids-limit", "12", "--cpu-share", "512", "--cpu-quota", "20000", "c"}, options);
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "saved config.json"), output.err);
  BOOST_TEST(!contains(output.err, "could not be restored"), output.err);
  BOOST_TEST(bundle.shown("TasksMax") == "20");
  BOOST_TEST(bundle.shown("CPUQuotaPerSecUSec") == "510ms");
  BOOST_TEST(bundle.file("pids", "pids.max") == "20");
  BOOST_TEST(bundle.file("cpu", quota) == before);
}

BOOST_AUTO_TEST_CASE(what_does_not_change_the_unit_does_not_ask_systemd) {
  Runtime runtime;
  Unit bundle{"silent"};
  bundle.shell(idle);
  Container container = must_create(runtime, bundle);
  const Unreachable systemd;
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready");
  const Output inside = shell(runtime, "cat /proc/self/cgroup");
  BOOST_TEST(inside.status == 0, inside.err);
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(runtime.call({"stats", "--no-stream", "c"}).status == 0);
  BOOST_TEST(container.kill("KILL").status == 0);
  container.wait();
  BOOST_TEST(runtime.status("c") == "stopped");
  const Output deleted = container.del();
  BOOST_TEST(deleted.status == 0);
  BOOST_TEST(!fs::exists(bundle.directory("pids")));
}

BOOST_AUTO_TEST_CASE(a_shim_does_the_same) {
  Runtime runtime;
  Unit bundle{"shim"};
  bundle.shell(idle);
  bundle.write();
  const Output created = run(words(runtime, {"create", "--shim", "--bundle", bundle.path(), "c"}));
  BOOST_REQUIRE_MESSAGE(created.status == 0, created.err);
  BOOST_TEST(bundle.file("pids", "cgroup.procs") ==
             std::to_string(runtime.state("c")["pid"].get<pid_t>()));
  BOOST_TEST(runtime.start("c").status == 0);
  BOOST_TEST(shell(runtime, "true").status == 0);
  BOOST_TEST(runtime.call({"update", "--pids-limit", "33", "c"}).status == 0);
  BOOST_TEST(bundle.shown("TasksMax") == "33");
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(many_at_once_each_have_theirs) {
  constexpr int count = 16;
  Runtime runtime;
  std::deque<Unit> bundles;
  std::vector<Command> creations;
  for (int i = 0; i < count; ++i) {
    Unit& bundle = bundles.emplace_back("many" + std::to_string(i));
    bundle.write();
    creations.emplace_back(
        words(runtime, {"create", "--bundle", bundle.path(), "c" + std::to_string(i)}),
        RunOptions{.timeout = std::chrono::seconds{120}});
  }
  for (Command& creation : creations) {
    const Output output = creation.wait();
    BOOST_TEST(output.status == 0, output.err);
  }
  for (const Unit& bundle : bundles) BOOST_TEST(bundle.shown("ActiveState") == "active");
  for (int i = 0; i < count; ++i)
    BOOST_TEST(runtime.del("c" + std::to_string(i), {"--force"}).status == 0);
  for (const Unit& bundle : bundles) BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(a_helper_that_cannot_run_is_told_with_what_it_needs) {
  Runtime runtime;
  Unit bundle{"helpless"};
  bundle.write();
  // Called by a name that has nothing beside it.
  const std::string alone = bundle.path() + "/ocelot";
  fs::copy_file(Runtime::path(), alone);
  const Output output = run({alone, "--root", runtime.root(), "--systemd-cgroup", "create",
                             "--bundle", bundle.path(), "c"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "ocelot-systemd ended with"), output.err);
  BOOST_TEST(contains(output.err, "libsystemd0"), output.err);
  BOOST_TEST(contains(output.err, bundle.path() + "/ocelot-systemd"), output.err);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(device_rules_outlive_what_systemd_reads_anew) {
  Runtime runtime;
  Unit bundle{"devices"};
  bundle.shell(idle);
  bundle.capabilities({"CAP_MKNOD"});
  bundle.linux()["resources"]["devices"] = {
      {{"allow", false}, {"access", "rwm"}},
      {{"allow", true}, {"type", "c"}, {"major", 240}, {"minor", 7}, {"access", "rw"}}};
  Container container = must_create(runtime, bundle);
  BOOST_REQUIRE_EQUAL(container.start().status, 0);
  container.read_until("ready");
  const auto check = [&] {
    // Of a device that may be used the kernel says that it is not there.
    const Output allowed = shell(runtime, "[ -e /dev/a ] || mknod /dev/a c 240 7; cat /dev/a");
    BOOST_TEST(contains(allowed.err, "No such device"), allowed.err);
    const Output denied = shell(runtime, "[ -e /dev/b ] || mknod /dev/b c 240 8; cat /dev/b");
    BOOST_TEST(contains(denied.err, "Operation not permitted"), denied.err);
  };
  check();
  BOOST_TEST(run({"systemctl", "daemon-reload"}).status == 0);
  check();
  BOOST_TEST(run({"systemctl", "set-property", "--runtime", bundle.unit, "TasksMax=50"}).status ==
             0);
  check();
  BOOST_TEST(run({"systemctl", "daemon-reexec"}).status == 0);
  check();
}

BOOST_AUTO_TEST_SUITE_END()

// Of the guests only the emulated PC has the controller.
BOOST_AUTO_TEST_SUITE(under_systemd_pc, *needs::root() * needs::file(managers_socket))

BOOST_AUTO_TEST_CASE(processors_are_told_to_systemd, *needs::controller("cpuset")) {
  Runtime runtime;
  Unit bundle{"processors"};
  bundle.linux()["resources"]["cpu"] = {{"cpus", "1"}, {"mems", "0"}};
  const Container container = must_create(runtime, bundle);
  BOOST_TEST(bundle.shown("AllowedCPUs") == "1");
  BOOST_TEST(bundle.shown("AllowedMemoryNodes") == "0");
  BOOST_TEST(bundle.file("cpuset", "cpuset.cpus") == "1");
  BOOST_TEST(runtime.call({"update", "--cpuset-cpus", "0-1", "c"}).status == 0);
  BOOST_TEST(bundle.shown("AllowedCPUs") == "0-1");
  BOOST_TEST(bundle.file("cpuset", "cpuset.cpus") == "0-1");
}

BOOST_AUTO_TEST_SUITE_END()

// Started by as-user.
BOOST_AUTO_TEST_SUITE(under_a_users_systemd,
                      *needs::that(::geteuid() != 0, "needs an ordinary user"))

BOOST_AUTO_TEST_CASE(the_scope_is_of_the_users_systemd_and_has_the_limits) {
  Runtime runtime;
  Bundle bundle;
  Unit unit{"users", "user.slice"};
  bundle.linux()["cgroupsPath"] = ":test:users";
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  Container container = must_create(runtime, bundle);
  const std::string path = "/user.slice/user-1000.slice/user@1000.service/user.slice/" + unit.unit;
  BOOST_TEST(
      contains(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"), path + "\n"));
  BOOST_TEST(unit.shown("TasksMax") == "20");
  BOOST_TEST(Unit::line(read_file(cgroup_directory("pids", path) + "/pids.max")) == "20");
  BOOST_TEST(runtime.call({"update", "--pids-limit", "30", "c"}).status == 0);
  BOOST_TEST(unit.shown("TasksMax") == "30");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(unit.shown("LoadState") == "not-found");
  BOOST_TEST(!fs::exists(cgroup_directory("pids", path)));
}

BOOST_AUTO_TEST_CASE(without_a_session_the_error_says_what_is_missing) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux().erase("cgroupsPath");
  bundle.write();
  const Output output = run(words(runtime, {"create", "--bundle", bundle.path(), "c"}),
                            {.env = {"XDG_RUNTIME_DIR=/nonexistent"}});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "cannot connect to the user's systemd"), output.err);
  BOOST_TEST(contains(output.err, "loginctl enable-linger"), output.err);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_SUITE_END()
