#include "tests/faults/step.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::test {

namespace {

std::vector<std::string> stepper(const StepOptions& options, const std::string& report) {
  std::vector<std::string> words{OCELOT_STEPPER, "--report", report};
  if (options.at != 0) words.insert(words.end(), {"--at", std::to_string(options.at)});
  if (options.kill != StepOptions::Kill::nobody)
    words.insert(words.end(),
                 {"--kill", options.kill == StepOptions::Kill::main ? "main" : "stopped"});
  if (!options.exchange.first.empty())
    words.insert(words.end(), {"--exchange", options.exchange.first, options.exchange.second});
  return words;
}

void read_report(const std::string& path, Stepped& result) {
  std::istringstream report{read_file(path)};
  report >> result.calls;
  std::getline(report >> std::ws, result.last);
}

}  // namespace

Stepped step(const std::vector<std::string>& command, StepOptions options) {
  const TempDir files;
  std::vector<std::string> words = stepper(options, files / "report");
  words.insert(words.end(), command.begin(), command.end());
  Stepped result;
  result.output = run(words, std::move(options.run));
  read_report(files / "report", result);
  return result;
}

Stepping::Stepping(pid_t pid, const StepOptions& options)
    : stepper_{[&] {
                 std::vector<std::string> words = stepper(options, files_ / "report");
                 words.insert(words.end(), {"--attach", std::to_string(pid)});
                 return words;
               }(),
               options.run} {
  stepper_.read_until("attached\n");
}

Stepped Stepping::stop() {
  stepper_.send(SIGTERM);
  Stepped result;
  result.output = stepper_.wait();
  read_report(files_ / "report", result);
  return result;
}

std::vector<long> calls_to_stop_at(long count, long sample) {
  const bool all = std::getenv("OCELOT_EVERY_CALL") != nullptr;
  const long stride = all ? 1 : std::max(1L, count / sample);
  std::vector<long> calls;
  for (long call = 1; call < count; call += stride) calls.push_back(call);
  calls.push_back(count);
  return calls;
}

}  // namespace ocelot::test
