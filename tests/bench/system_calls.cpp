#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/bench/report.hpp"

namespace ocelot::bench {
namespace {

using Counts = std::map<std::string, long>;

// The lines of `strace -c`: "%time seconds usecs/call calls [errors] name".
Counts parse(const std::string& path) {
  Counts counts;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    double share = 0, seconds = 0;
    long average = 0, calls = 0;
    std::string name;
    if (!(fields >> share >> seconds >> average >> calls)) continue;
    for (std::string word; fields >> word;) name = word;
    if (!name.empty() && name != "total") counts[name] = calls;
  }
  return counts;
}

Counts count(const std::string& strace, const Runtime& runtime, Verb verb, const Scene& scene) {
  const std::string output = "/run/bench/strace";
  std::vector<std::string> argv{strace, "-f", "-qq", "-c", "-o", output};
  for (auto& argument : runtime.argv(verb, scene, scene.bundle)) argv.push_back(argument);
  execute(argv);
  return parse(output);
}

void print(const std::vector<Runtime>& runtimes, const std::vector<Counts>& counts) {
  std::map<std::string, long> most;
  for (const auto& each : counts)
    for (const auto& [name, calls] : each) most[name] = std::max(most[name], calls);
  std::vector<std::pair<long, std::string>> order;
  for (const auto& [name, calls] : most) order.emplace_back(-calls, name);
  std::sort(order.begin(), order.end());
  const auto row = [&](const std::string& name, const auto& value) {
    fmt::print("{:<22}", name);
    for (std::size_t i = 0; i < counts.size(); ++i) fmt::print("{:>9}", value(i));
    fmt::print("\n");
  };
  row("", [&](std::size_t i) { return runtimes[i].name; });
  row("total", [&](std::size_t i) {
    long sum = 0;
    for (const auto& [name, calls] : counts[i]) sum += calls;
    return sum;
  });
  for (const auto& [negative, name] : order)
    row(name, [&](std::size_t i) {
      const auto found = counts[i].find(name);
      return found == counts[i].end() ? 0 : found->second;
    });
}

}  // namespace

void print_system_calls(const std::string& strace, const std::vector<Runtime>& runtimes,
                        const Scene& scene) {
  // Traced `create` returns when init parks, but strace then waits for it: only what ends is shown.
  for (const Verb verb : {Verb::Version, Verb::Run}) {
    std::vector<Counts> counts;
    for (const auto& runtime : runtimes) counts.push_back(count(strace, runtime, verb, scene));
    fmt::print("\nsystem calls of {}\n", to_string(verb));
    print(runtimes, counts);
  }
}

}  // namespace ocelot::bench
