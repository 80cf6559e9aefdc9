#include "tests/bench/measure.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace ocelot::bench {
namespace {

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

// One file for what commands write to their standard error: nothing has to be read while one runs.
int error_file() {
  static const int file = memfd_create("stderr", MFD_CLOEXEC);
  return file;
}

std::string take_errors() {
  std::string text(4096, 0);
  const ssize_t bytes = pread(error_file(), text.data(), text.size(), 0);
  text.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  return text;
}

const posix_spawn_file_actions_t& quiet() {
  static const posix_spawn_file_actions_t actions = [] {
    posix_spawn_file_actions_t made;
    posix_spawn_file_actions_init(&made);
    posix_spawn_file_actions_addopen(&made, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&made, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&made, error_file(), 2);
    return made;
  }();
  return actions;
}

}  // namespace

void migrate_to_where_we_are(const Scene& scene) {
  std::ofstream("/sys/fs/cgroup/" + scene.hierarchies.front() + "/cgroup.procs") << getpid();
}

Sample execute(const std::vector<std::string>& argv) {
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const auto& actions = quiet();
  if (ftruncate(error_file(), 0) != 0 || lseek(error_file(), 0, SEEK_SET) != 0)
    throw std::runtime_error("cannot empty the file of errors");

  const auto begin = std::chrono::steady_clock::now();
  pid_t pid;
  const int error = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  if (error != 0)
    throw std::runtime_error(fmt::format("cannot spawn {}: errno {}", argv[0], error));
  int status = 0;
  rusage usage{};
  wait4(pid, &status, 0, &usage);
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;

  if (status != 0)
    throw std::runtime_error(fmt::format("{}\n  ended with wait status {:#x}: {}",
                                         fmt::join(argv, " "), status, take_errors()));
  return {wall.count(), milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
          usage.ru_minflt};
}

Samples measure(const std::vector<Runtime>& runtimes, const Scene& scene, const Options& options) {
  Samples samples(runtimes.size());
  const auto sample = [&](std::size_t index, Verb verb) {
    std::this_thread::sleep_for(std::chrono::milliseconds(options.pause_ms));
    if (options.machine == Options::Machine::Busy) migrate_to_where_we_are(scene);
    samples[index][verb].push_back(execute(runtimes[index].argv(verb, scene, scene.bundle)));
  };
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (std::size_t turn = 0; turn < runtimes.size(); ++turn) {
      const std::size_t index = (round + turn) % runtimes.size();
      sample(index, Verb::Version);
      sample(index, Verb::Run);
      sample(index, Verb::Create);
      sample(index, Verb::Start);
      while (waitpid(-1, nullptr, 0) > 0) continue;  // its process, ours since `create` has ended
      sample(index, Verb::Delete);
    }
  }
  return samples;
}

}  // namespace ocelot::bench
