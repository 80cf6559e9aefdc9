// Compares what runtimes take for the same bundle, after checking that they leave the same.
//
//   bench_compare --ocelot build/release/runtime/ocelot
//
// Exit status: 0, 1 if something failed or differs, 77 if this machine cannot do it.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "tests/bench/report.hpp"

using namespace ocelot::bench;

namespace {

constexpr int kSkipped = 77;

struct Settings {
  std::string ocelot, floor = OCELOT_BENCH_FLOOR, config = OCELOT_BENCH_CONFIG;
  std::string crun = "/usr/bin/crun", runc = "/usr/sbin/runc", busybox = "/bin/busybox";
  std::string strace = "/usr/bin/strace";
  bool system_calls = false;
  Options options;
};

std::vector<Runtime> installed(const Settings& settings) {
  std::vector<Runtime> runtimes;
  for (const Runtime& runtime :
       {Runtime{"floor", settings.floor}, Runtime{"ocelot", settings.ocelot},
        Runtime{"crun", settings.crun}, Runtime{"runc", settings.runc}}) {
    if (runtime.path.empty()) continue;
    if (access(runtime.path.c_str(), X_OK) == 0)
      runtimes.push_back({runtime.name, std::filesystem::absolute(runtime.path)});
    else if (runtime.name == "crun" || runtime.name == "runc")
      fmt::print("{} is left out: no program {}\n", runtime.name, runtime.path);
    else
      throw std::runtime_error("no program " + runtime.path);
  }
  return runtimes;
}

bool same_results(const std::vector<Runtime>& runtimes, const Scene& scene) {
  const View expected = look(runtimes.front(), scene);
  bool same = true;
  for (std::size_t i = 1; i < runtimes.size(); ++i)
    if (print_differences(runtimes[i], compare(runtimes[i], expected, look(runtimes[i], scene))))
      same = false;
  return same;
}

int compare_runtimes(const Settings& settings) {
  const auto runtimes = installed(settings);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Scene scene = set_scene(settings.busybox, settings.config);
  try {
    const bool same = same_results(runtimes, scene);
    if (settings.system_calls)
      print_system_calls(settings.strace, runtimes, scene);
    else
      print_samples(runtimes, measure(runtimes, scene, settings.options));
    return same ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (...) {
    for (const auto& runtime : runtimes) clear_away(runtime, scene);
    throw;
  }
}

std::string why_not(const Settings& settings) {
  if (geteuid() != 0) return "needs root";
  if (!std::filesystem::exists("/sys/fs/cgroup/devices/tasks"))
    return "needs controllers on cgroup v1, mounted below /sys/fs/cgroup";
  if (access(settings.busybox.c_str(), X_OK) != 0) return "needs busybox-static";
  if (settings.system_calls && access(settings.strace.c_str(), X_OK) != 0) return "needs strace";
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{"Compares what container runtimes take for the same bundle"};
  app.add_option("--ocelot", settings.ocelot, "the program to compare (its release build)");
  app.add_option("--crun", settings.crun, "crun; empty: without it")->capture_default_str();
  app.add_option("--runc", settings.runc, "runc; empty: without it")->capture_default_str();
  app.add_option("--floor", settings.floor, "the least program")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_option("--busybox", settings.busybox, "a static busybox")->capture_default_str();
  app.add_option("--config", settings.config, "config.json with args [\"sh\"]")
      ->capture_default_str();
  app.add_option("--rounds", settings.options.rounds, "runs of every command")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--pause", settings.options.pause_ms, "milliseconds before every command")
      ->capture_default_str();
  app.add_flag_callback(
      "--quiet", [&settings] { settings.options.machine = Options::Machine::Quiet; },
      "let who moves processes between cgroups wait for RCU, as on a machine with nothing to do");
  app.add_flag("--system-calls", settings.system_calls, "count system calls instead of time");
  CLI11_PARSE(app, argc, argv);
  if (const std::string reason = why_not(settings); !reason.empty()) {
    fmt::print("skipped: {}\n", reason);
    return kSkipped;
  }
  try {
    return compare_runtimes(settings);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_compare: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
