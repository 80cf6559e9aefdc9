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

// The figures of each interval, and that memory has run out, until the container ends. The shim
// numbers the figures.
void print_events(Shim& shim, const std::string& id, std::chrono::milliseconds every) {
  const std::uint64_t subscription = shim.client().subscribe();
  const std::uint64_t figures =
      shim.client().send(fmt::format(R"({{"operation":"stats","interval_ms":{}}})", every.count()));
  for (;;) {
    const auto come = shim.next(std::chrono::hours{1});
    if (!come) continue;
    if (auto error = control::error_of(come->document)) throw std::move(*error);
    auto document = nlohmann::ordered_json::parse(come->document);
    if (come->id == subscription) {
      if (document.value("event", "") == "oom") print_line(oom_event_json(id));
    } else if (come->id == figures) {
      if (come->kind == control::Client::Incoming::Kind::Reply) return;
      document.erase("number");
      document.erase("missed");
      print_line(document.dump());
    }
  }
}

}  // namespace

int events(const GlobalOptions& global, const Arguments& arguments) {
  const std::string id(arguments.operands().front());
  const auto every = interval(arguments, option::event_interval, std::chrono::seconds{5});
  if (auto shim = foreign_shim(global, id)) {
    if (!arguments.has(option::stats_once)) {
      print_events(*shim, id, every);
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
