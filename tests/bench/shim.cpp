// What a shim costs and how fast it answers, beside a bare echo, runc and crun.
//
//   bench_shim --ocelot build/release/runtime/ocelot
//
// Exit status: 0, 1 if something failed or a bound was asked for and not kept, 77 if this machine
// cannot do it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <filesystem>

#include "runtime/base/sys_files.hpp"
#include "shim/control/frame.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/shim_figures.hpp"

using namespace ocelot::bench;

namespace {

constexpr int kSkipped = 77;

struct Settings {
  std::string ocelot, crun = "/usr/bin/crun", runc = "/usr/sbin/runc";
  std::string busybox = "/bin/busybox", config = OCELOT_BENCH_CONFIG;
  unsigned rounds = 200, shims = 100;
  bool bounds = false;
};

// The figures in a table, each beside what it may be at most.
class Table {
 public:
  void row(const std::string& name, double value, const std::string& unit,
           std::optional<double> most = std::nullopt) {
    const bool over = most && value > *most;
    kept_ = kept_ && !over;
    fmt::print("{:<52}{:>10.2f} {:<6}{:>8}{}\n", name, value, unit,
               most ? fmt::format("{:.4g}", *most) : "", over ? "  MORE THAN THAT" : "");
  }
  bool kept() const { return kept_; }

 private:
  bool kept_ = true;
};

constexpr double kMostKib = 400, kMostPssKib = 600, kMostOfEcho = 1.5;
constexpr double kMostOfRunc = 0.1, kMostOfCrun = 1.0 / 3;
const std::string kState = R"({"operation":"state"})";

// The pages of a program that was linked a moment ago are dirty, and would be counted as its own.
void write_back(const std::string& program) {
  ocelot::sys::synchronize(ocelot::sys::open(AT_FDCWD, program, O_RDONLY | O_CLOEXEC).get());
}

void alone(Table& table, const Settings& settings, const Scene& scene) {
  Served served{settings.ocelot, scene.sleeping_bundle, "one"};
  table.row("Private_Dirty, idle", static_cast<double>(memory_of(served.shim_pid()).private_dirty),
            "KiB", kMostKib);
  for (unsigned i = 0; i < 1000; ++i) served.ask(kState);
  served.run_true();
  served.ask(R"({"operation":"attach"})");
  table.row("the same after 1,000 requests, an exec, an attach",
            static_cast<double>(memory_of(served.shim_pid()).private_dirty), "KiB", kMostKib);
}

void many(Table& table, const Settings& settings, const Scene& scene) {
  std::deque<Served> all;
  while (all.size() < settings.shims)
    all.emplace_back(settings.ocelot, scene.sleeping_bundle, fmt::format("many-{}", all.size()));
  Memory sum;
  for (const Served& each : all) {
    const Memory memory = memory_of(each.shim_pid());
    sum.private_dirty += memory.private_dirty;
    sum.private_clean += memory.private_clean;
    sum.pss += memory.pss;
  }
  const auto count = static_cast<double>(all.size());
  table.row(fmt::format("private, clean and dirty, each of {} shims", all.size()),
            static_cast<double>(sum.private_dirty + sum.private_clean) / count, "KiB", kMostKib);
  table.row(fmt::format("PSS, each of {} shims", all.size()), static_cast<double>(sum.pss) / count,
            "KiB", kMostPssKib);
}

void round_trips(Table& table, const Settings& settings, const Scene& scene) {
  constexpr unsigned block = 100;
  use_one_processor();  // the shim, too
  Served served{settings.ocelot, scene.sleeping_bundle, "asked"};
  Echo bare{ocelot::control::header_bytes + served.ask(kState).size()};
  Times echo, state;
  for (unsigned i = 0; i < settings.rounds; ++i) {
    for (unsigned n = 0; n < block; ++n)
      echo.add([&] { bare.ask(ocelot::control::header_bytes + kState.size()); });
    for (unsigned n = 0; n < block; ++n) state.add([&] { served.ask(kState); });
  }
  table.row("bare echo, p50", echo.quantile(0.5), "us");
  table.row("state, p50", state.quantile(0.5), "us");
  table.row("state, p99", state.quantile(0.99), "us");
  table.row("state to echo, p50", state.quantile(0.5) / echo.quantile(0.5), "times", kMostOfEcho);
}

void pausing(Table& table, const Settings& settings, const Scene& scene) {
  Served served{settings.ocelot, scene.sleeping_bundle, "paused"};
  const Other other{settings.runc, scene.sleeping_bundle};
  Times ours, theirs;
  for (unsigned i = 0; i < settings.rounds; ++i) {
    ours.add([&] {
      served.ask(R"({"operation":"pause"})");
      served.ask(R"({"operation":"resume"})");
    });
    theirs.add([&] {
      other.call("pause");
      other.call("resume");
    });
  }
  table.row("pause and resume, p50", ours.quantile(0.5) / 1e3, "ms");
  table.row("runc pause, runc resume, p50", theirs.quantile(0.5) / 1e3, "ms");
  table.row("ours to runc's", ours.quantile(0.5) / theirs.quantile(0.5), "times", kMostOfRunc);
}

// Others move processes between cgroups all the time: nobody waits for a grace period alone.
void adding(Table& table, const Settings& settings, const Scene& scene) {
  Served served{settings.ocelot, scene.sleeping_bundle, "added"};
  const Other other{settings.crun, scene.sleeping_bundle};
  Times ours, by_command, theirs;
  for (unsigned i = 0; i < settings.rounds; ++i) {
    migrate_to_where_we_are(scene);
    ours.add([&] { served.run_true(); });
    std::vector<std::string> command = served.command({"exec"});
    command.emplace_back("/bin/true");
    migrate_to_where_we_are(scene);
    by_command.add([&] { execute(command); });
    migrate_to_where_we_are(scene);
    theirs.add([&] { other.call("exec", {"/bin/true"}); });
  }
  table.row("exec true, p50", ours.quantile(0.5) / 1e3, "ms");
  table.row("ocelot exec true, p50", by_command.quantile(0.5) / 1e3, "ms");
  table.row("crun exec true, p50", theirs.quantile(0.5) / 1e3, "ms");
  table.row("ours to crun's", ours.quantile(0.5) / theirs.quantile(0.5), "times", kMostOfCrun);
}

std::string why_not(const Settings& settings) {
  if (geteuid() != 0) return "needs root";
  if (!std::filesystem::exists("/sys/fs/cgroup/devices/tasks"))
    return "needs controllers on cgroup v1, mounted below /sys/fs/cgroup";
  if (access(settings.busybox.c_str(), X_OK) != 0) return "needs busybox-static";
  return {};
}

bool is_there(const std::string& program) {
  if (access(program.c_str(), X_OK) == 0) return true;
  fmt::print("left out: no program {}\n", program);
  return false;
}

int measure_shim(const Settings& settings) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Scene scene = set_scene(settings.busybox, settings.config);
  Table table;
  fmt::print("{:<52}{:>10} {:<6}{:>8}\n", "", "", "", "at most");
  alone(table, settings, scene);
  many(table, settings, scene);
  if (is_there(settings.runc)) pausing(table, settings, scene);
  if (is_there(settings.crun)) adding(table, settings, scene);
  round_trips(table, settings, scene);
  return table.kept() || !settings.bounds ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{"What a shim costs and how fast it answers"};
  app.add_option("--ocelot", settings.ocelot, "the program, beside its shim (the release build)")
      ->check(CLI::ExistingFile)
      ->required();
  app.add_option("--crun", settings.crun, "crun")->capture_default_str();
  app.add_option("--runc", settings.runc, "runc")->capture_default_str();
  app.add_option("--busybox", settings.busybox, "a static busybox")->capture_default_str();
  app.add_option("--config", settings.config, "config.json with args [\"sh\"]")
      ->capture_default_str();
  app.add_option("--rounds", settings.rounds, "of every operation; of state 100 times as many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--shims", settings.shims, "at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--bounds", settings.bounds, "fail where a figure is more than it may be");
  CLI11_PARSE(app, argc, argv);
  if (const std::string reason = why_not(settings); !reason.empty()) {
    fmt::print("skipped: {}\n", reason);
    return kSkipped;
  }
  settings.ocelot = std::filesystem::absolute(settings.ocelot);
  try {
    write_back(std::filesystem::path(settings.ocelot).replace_filename("ocelot-shim"));
    return measure_shim(settings);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_shim: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
