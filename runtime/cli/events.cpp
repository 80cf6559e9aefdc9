#include <fmt/core.h>
#include <unistd.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interval.hpp"
#include "runtime/stats_json.hpp"

namespace ocelot::cli {

namespace {

void print_line(const std::string& json) {
  sys::write_all(STDOUT_FILENO, json + "\n");
}

}  // namespace

int events(const GlobalOptions& global, const Arguments& arguments) {
  const std::string id(arguments.operands().front());
  const auto every = interval(arguments, option::event_interval, std::chrono::seconds{5});
  if (arguments.has(option::stats_once)) {
    print_line(stats_event_json(id, stats(global, id)));
    return 0;
  }
  ocelot::events(
      global, id, every,
      {.stats = [&](const ContainerStats& stats) { print_line(stats_event_json(id, stats)); },
       .oom = [&] { print_line(oom_event_json(id)); }});
  return 0;
}

}  // namespace ocelot::cli
