#include "tests/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace ocelot::bench {
namespace {

// The value below or at which `share` of them lie.
template <typename Member>
auto percentile(const std::vector<Sample>& samples, double share, Member member) {
  std::vector<std::decay_t<decltype(samples.front().*member)>> values;
  for (const auto& sample : samples) values.push_back(sample.*member);
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                   values.end());
  return values[rank];
}

std::string ratio(double median, std::optional<double> other) {
  return other ? fmt::format("{:.2f}", median / *other) : "-";
}

}  // namespace

void print_samples(const std::vector<Runtime>& runtimes, const Samples& samples) {
  for (const Verb verb : kVerbs) {
    const auto median_of = [&](std::string_view name, auto member) -> std::optional<double> {
      for (std::size_t i = 0; i < runtimes.size(); ++i)
        if (runtimes[i].name == name) return percentile(samples[i].at(verb), 0.5, member);
      return std::nullopt;
    };
    const auto crun = median_of("crun", &Sample::wall_ms);
    const auto floor = median_of("floor", &Sample::wall_ms);
    const auto crun_cpu = median_of("crun", &Sample::cpu_ms);
    fmt::print("\n{:<10}{:>10}{:>9}{:>9}{:>8}{:>8}{:>9}{:>8}{:>10}\n", to_string(verb), "median ms",
               "p95", "least", "/crun", "/floor", "cpu ms", "/crun", "faults");
    for (std::size_t i = 0; i < runtimes.size(); ++i) {
      const auto& taken = samples[i].at(verb);
      const double median = percentile(taken, 0.5, &Sample::wall_ms);
      const double cpu = percentile(taken, 0.5, &Sample::cpu_ms);
      fmt::print("{:<10}{:>10.2f}{:>9.2f}{:>9.2f}{:>8}{:>8}{:>9.2f}{:>8}{:>10}\n", runtimes[i].name,
                 median, percentile(taken, 0.95, &Sample::wall_ms),
                 percentile(taken, 0, &Sample::wall_ms), ratio(median, crun), ratio(median, floor),
                 cpu, ratio(cpu, crun_cpu), percentile(taken, 0.5, &Sample::faults));
    }
  }
}

bool print_differences(const Runtime& runtime, const std::vector<Difference>& differences) {
  bool unknown = false;
  for (const auto& [fact, expected, found, known] : differences) {
    fmt::print("{} differs from the floor: {}: \"{}\" instead of \"{}\"{}\n", runtime.name, fact,
               found, expected, known.empty() ? "" : " (known: " + known + ")");
    unknown |= known.empty();
  }
  if (differences.empty()) fmt::print("{} leaves what the floor leaves\n", runtime.name);
  return unknown;
}

}  // namespace ocelot::bench
