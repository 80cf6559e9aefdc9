// --trace: the timeline of a creation, of what went wrong in it, and what the container has of it.
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

constexpr const char* kRuntime = "ocelot";
constexpr const char* kStage = "ocelot:[1:STAGE]";
constexpr const char* kInit = "ocelot:[2:INIT]";

struct Step {
  double began, ended;
  // Clocks are read one after the other, to the nanosecond that three digits give.
  bool holds(const Step& other) const {
    return began <= other.began + 0.001 && other.ended <= ended + 0.001;
  }
};

class Timeline {
 public:
  explicit Timeline(const std::string& path) : document_(json::parse(read_file(path))) {
    for (const json& event : document_.at("traceEvents")) {
      if (event.at("ph") == "M") names_[event.at("pid")] = event.at("args").at("name");
    }
  }

  const json& document() const { return document_; }

  pid_t pid(const std::string& process) const {
    for (const auto& [pid, name] : names_) {
      if (name == process) return pid;
    }
    throw std::runtime_error{"the timeline has no process " + process};
  }

  std::vector<Step> steps(const std::string& process, const std::string& name = {}) const {
    std::vector<Step> found;
    for (const json& event : document_.at("traceEvents")) {
      if (event.at("ph") != "X" || event.at("pid") != pid(process)) continue;
      const double began = event.at("ts"), duration = event.at("dur");
      if (name.empty() || event.at("name") == name) found.push_back({began, began + duration});
    }
    return found;
  }
  Step step(const std::string& process, const std::string& name) const {
    const std::vector<Step> found = steps(process, name);
    if (found.empty()) throw std::runtime_error{process + " has no step " + name};
    return found.front();
  }

  std::vector<std::string> errors(const std::string& process) const {
    std::vector<std::string> found;
    for (const json& event : document_.at("traceEvents")) {
      if (event.at("ph") == "i" && event.at("cat") == "error" && event.at("pid") == pid(process))
        found.push_back(event.at("name"));
    }
    return found;
  }

 private:
  json document_;
  std::map<pid_t, std::string> names_;
};

json hook(const std::string& script) {
  return json::array({{{"path", "/bin/sh"}, {"args", {"sh", "-c", script}}}});
}

// With one of each kind of step.
Bundle full_bundle() {
  Bundle bundle;
  for (const char* kind : {"createRuntime", "createContainer", "startContainer", "poststart"})
    bundle.config["hooks"][kind] = hook("true");
  bundle.linux()["seccomp"] = {{"defaultAction", "SCMP_ACT_ALLOW"}};
  bundle.process()["noNewPrivileges"] = true;
  bundle.args({"/bin/true"});
  return bundle;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trace, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(a_run_is_told_step_by_step_of_each_process) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  BOOST_TEST(runtime.run(full_bundle(), "c", {"--trace", file}).status == 0);
  const Timeline timeline{file};
  for (const auto& [process, name] : std::vector<std::pair<std::string, std::string>>{
           {kRuntime, "config.json"},
           {kRuntime, "facts about the host"},
           {kRuntime, "plan"},
           {kRuntime, "container c"},
           {kRuntime, "write the state"},
           {kRuntime, "cgroup"},
           {kRuntime, "open what the plan needs"},
           {kRuntime, "serve the stage"},
           {kRuntime, "serve init"},
           {kRuntime, "/hooks/createRuntime/0 /bin/sh"},
           {kRuntime, "start"},
           {kRuntime, "/hooks/poststart/0 /bin/sh"},
           {kStage, "new namespaces"},
           {kInit, "mounts[0] /proc"},
           {kInit, "/hooks/createContainer/0 /bin/sh"},
           {kInit, "pivot_root"},
           {kInit, "credentials"},
           {kInit, "wait for start"},
           {kInit, "/hooks/startContainer/0 /bin/sh"},
           {kInit, "execve"},
           {kInit, "seccomp, and what is done under it"}}) {
    BOOST_TEST(!timeline.steps(process, name).empty(), process << ": " << name);
  }
  BOOST_TEST(timeline.errors(kRuntime).empty());
  BOOST_TEST(timeline.document().at("otherData").at("not recorded") == 0);
}

BOOST_AUTO_TEST_CASE(the_steps_of_a_process_lie_beside_or_within_one_another) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  BOOST_TEST(runtime.run(full_bundle(), "c", {"--trace", file}).status == 0);
  const Timeline timeline{file};
  for (const char* process : {kRuntime, kStage, kInit}) {
    const std::vector<Step> steps = timeline.steps(process);
    for (const Step& one : steps) {
      for (const Step& other : steps) {
        const bool apart = one.ended <= other.began + 0.001 || other.ended <= one.began + 0.001;
        BOOST_TEST((apart || one.holds(other) || other.holds(one)), process);
      }
    }
  }
  BOOST_TEST(timeline.step(kRuntime, "container c").holds(timeline.step(kRuntime, "cgroup")));
  BOOST_TEST(timeline.step(kRuntime, "serve init").holds(timeline.step(kInit, "pivot_root")));
  BOOST_TEST(timeline.step(kRuntime, "start")
                 .holds(timeline.step(kInit, "/hooks/startContainer/0 /bin/sh")));
}

BOOST_AUTO_TEST_CASE(a_create_is_told_with_the_pids_of_the_host) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  const Bundle bundle = full_bundle();
  Container container = runtime.must_create(bundle, "c", {"--trace", file});
  const Timeline timeline{file};
  BOOST_TEST(timeline.pid(kInit) == container.pid());
  struct stat status {};
  BOOST_REQUIRE(::stat(file.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777) == 0600U);
  BOOST_TEST(container.start().status == 0);
}

BOOST_AUTO_TEST_CASE(a_shim_tells_of_its_creation) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  const Bundle bundle = full_bundle();
  const Shimmed container{runtime, bundle, {"--trace", file}, Shimmed::Until::created};
  BOOST_TEST(Timeline{file}.pid(kInit) == container.pid());
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_where_it_happened_and_where_it_arrived) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  Bundle bundle = full_bundle();
  bundle.add_mount("/x", "no\"such", "none");
  check_refused(runtime, bundle, "mounts[", {"--trace", file});
  const Timeline timeline{file};
  for (const char* process : {kRuntime, kInit}) {
    const std::vector<std::string> errors = timeline.errors(process);
    BOOST_TEST_REQUIRE(errors.size() == 1U, process);
    BOOST_TEST(contains(errors.front(), "no\"such"), errors.front());
  }
  BOOST_TEST(timeline.steps(kInit, "pivot_root").empty());
}

BOOST_AUTO_TEST_CASE(the_clock_of_a_time_namespace_does_not_shift_it,
                     *needs::file("/proc/self/ns/time")) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  Bundle bundle = full_bundle();
  bundle.add_namespace("time");
  bundle.linux()["timeOffsets"] = {{"monotonic", {{"secs", 100000}}},
                                   {"boottime", {{"secs", 100000}}}};
  BOOST_TEST(runtime.run(bundle, "c", {"--trace", file}).status == 0);
  const Timeline timeline{file};
  BOOST_TEST(timeline.step(kRuntime, "serve init").holds(timeline.step(kInit, "pivot_root")));
  BOOST_TEST(timeline.steps(kStage, "time namespace").size() == 1U);
}

BOOST_AUTO_TEST_CASE(nobody_in_the_container_has_the_file_or_the_memory) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  const std::string seen = directory / "seen";
  Bundle bundle;
  // While init has entered the container's namespaces, and nothing of what it holds is closed yet.
  bundle.config["hooks"]["createRuntime"] =
      hook("pid=$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/'); ls -l /proc/$pid/fd > " + seen);
  bundle.shell("ls -l /proc/self/fd; cat /proc/self/maps");
  const Output output = runtime.run(bundle, "c", {"--trace", file});
  BOOST_TEST(output.status == 0);
  BOOST_TEST(contains(read_file(seen), "socket:"));
  BOOST_TEST(!contains(read_file(seen), file), read_file(seen));
  BOOST_TEST(!contains(output.out, file), output.out);
  BOOST_TEST(!contains(output.out, "/dev/zero"), output.out);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_had_is_an_error_before_anything_is_made) {
  Runtime runtime;
  const TempDir directory;
  write_file(directory / "target", "kept");
  BOOST_REQUIRE(::symlink("target", (directory / "link").c_str()) == 0);
  BOOST_REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  const Bundle bundle = full_bundle();
  for (const char* name : {"link", "fifo", "none/trace.json", ""})
    check_refused(runtime, bundle, "--trace " + directory / name, {"--trace", directory / name});
  BOOST_TEST(read_file(directory / "target") == "kept");
}

BOOST_AUTO_TEST_CASE(steps_that_have_no_room_are_counted) {
  Runtime runtime;
  const TempDir directory;
  const std::string file = directory / "trace.json";
  Bundle bundle = full_bundle();
  for (int i = 0; i < 5000; ++i)
    bundle.linux()["maskedPaths"].push_back("/proc/none" + std::to_string(i));
  BOOST_TEST(runtime.run(bundle, "c", {"--trace", file}).status == 0);
  const Timeline timeline{file};
  BOOST_TEST(timeline.document().at("otherData").at("not recorded") > 0);
  BOOST_TEST(timeline.document().at("traceEvents").size() > 4000U);
}

BOOST_AUTO_TEST_SUITE_END()
