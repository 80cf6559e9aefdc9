#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/foreign.hpp"
#include "runtime/cli/interval.hpp"
#include "runtime/stats_json.hpp"
#include "shim/control/documents.hpp"

namespace ocelot::cli {

namespace {

void print_line(const std::string& json) {
  sys::write_all(STDOUT_FILENO, json + "\n");
}

// The figures of each interval, until the container ends. The shim numbers them.
void print_figures(Shim& shim, std::chrono::milliseconds every) {
  const std::uint64_t request =
      shim.client().send(fmt::format(R"({{"operation":"stats","interval_ms":{}}})", every.count()));
  for (;;) {
    const auto come = shim.next(std::chrono::hours{1});
    if (!come || come->id != request) continue;
    if (auto error = control::error_of(come->document)) throw std::move(*error);
    if (come->kind == control::Client::Incoming::Kind::Reply) return;
    auto figures = nlohmann::ordered_json::parse(come->document);
    figures.erase("number");
    figures.erase("missed");
    print_line(figures.dump());
  }
}

}  // namespace

int events(const GlobalOptions& global, const Arguments& arguments) {
  const std::string id(arguments.operands().front());
  const auto every = interval(arguments, option::event_interval, std::chrono::seconds{5});
  if (auto shim = foreign_shim(global, id)) {
    if (!arguments.has(option::stats_once)) {
      print_figures(*shim, every);
    } else {
      print_line(shim->ask(R"({"operation":"stats"})").document);
    }
    return 0;
  }
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
