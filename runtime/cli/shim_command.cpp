#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/launch_shim.hpp"
#include "runtime/cli/shim.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::ordered_json;

void print_line(const std::string& text) {
  sys::write_all(STDOUT_FILENO, text + '\n');
}

void print_status(Shim& shim) {
  print_line(ordered_json::parse(shim.ask(R"({"operation":"status"})").document).dump(2));
}

void print_metrics(Shim& shim) {
  const auto answer = shim.ask(R"({"operation":"status","format":"prometheus"})");
  sys::write_all(STDOUT_FILENO, ordered_json::parse(answer.document).at("text").get<std::string>());
}

// One line an event, until the container is deleted.
void print_events(Shim& shim) {
  const std::uint64_t subscription = shim.client().subscribe();
  for (;;) {
    const auto come = shim.next(std::chrono::hours{1});
    if (!come || come->id != subscription) continue;
    if (come->kind == control::Client::Incoming::Kind::Reply) return;
    print_line(come->document);
    if (ordered_json::parse(come->document).value("event", "") == "deleted") return;
  }
}

// Made before this command has its turn (launch_shim.hpp), and now it answers.
void adopted(Shim&) {}

// Answered by the program that is sent, once it has taken the shim's place.
void upgrade(Shim& shim) {
  std::vector<UniqueFd> program;
  program.push_back(open_shim_program());
  shim.ask(R"({"operation":"upgrade"})", std::move(program));
}

struct Action {
  std::string_view name;
  void (*act)(Shim&);
};
constexpr std::array actions{Action{"status", print_status}, Action{"metrics", print_metrics},
                             Action{"events", print_events}, Action{"adopt", adopted},
                             Action{"upgrade", upgrade}};

}  // namespace

int shim(const GlobalOptions& global, const Arguments& arguments) {
  const std::string_view name = arguments.operands()[0];
  const auto action = std::ranges::find(actions, name, &Action::name);
  if (action == actions.end()) {
    throw Error{ErrorKind::InvalidArgument, fmt::format("shim: no action is called \"{}\"", name)}
        .with_hint("status, metrics, events, adopt or upgrade");
  }
  if (name != "adopt" &&
      (arguments.given(option::new_operators) || arguments.given(option::new_observers))) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("shim {}: takes neither --operator nor --observer", name)}
        .with_hint("a shim has those of its start; another one that adopts can be given others");
  }
  Shim found = Shim::needed(global, std::string(arguments.operands()[1]));
  action->act(found);
  return 0;
}

}  // namespace ocelot::cli
