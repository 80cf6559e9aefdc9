#include "tests/bench/runtimes.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace ocelot::bench {

std::string to_string(Verb verb) {
  switch (verb) {
    case Verb::Version:
      return "--version";
    case Verb::Run:
      return "run";
    case Verb::Create:
      return "create";
    case Verb::Start:
      return "start";
    case Verb::Delete:
      return "delete";
  }
  return {};
}

std::string Runtime::id() const {
  return fmt::format("bench-{}-{}", name, getpid());
}

std::vector<std::string> Runtime::argv(Verb verb, const Scene& scene,
                                       const std::string& bundle) const {
  std::vector<std::string> argv{path, to_string(verb)};
  if (verb == Verb::Version) return argv;
  const bool from_bundle = verb == Verb::Run || verb == Verb::Create;
  if (!is_floor()) {
    if (from_bundle) argv.insert(argv.end(), {"--bundle", bundle});
    argv.push_back(id());
    return argv;
  }
  if (from_bundle) argv.push_back(bundle + "/rootfs");
  argv.push_back(id());
  if (verb != Verb::Start)
    argv.insert(argv.end(), scene.hierarchies.begin(), scene.hierarchies.end());
  return argv;
}

void clear_away(const Runtime& runtime, const Scene& scene) {
  for (;;) {
    std::ifstream children(fmt::format("/proc/self/task/{}/children", getpid()));
    for (pid_t child; children >> child;) kill(child, SIGKILL);
    if (waitpid(-1, nullptr, 0) == -1) break;
  }
  for (const auto& hierarchy : scene.hierarchies)
    rmdir(fmt::format("/sys/fs/cgroup/{}/{}", hierarchy, runtime.id()).c_str());
}

}  // namespace ocelot::bench
