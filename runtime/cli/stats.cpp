#include <unistd.h>

#include <algorithm>
#include <map>

#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/foreign.hpp"
#include "runtime/cli/interval.hpp"
#include "runtime/cli/stats_document.hpp"
#include "runtime/cli/stats_rows.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct Look {
  cgroups::Stats stats;
  Clock::time_point at;
};
using Looks = std::map<std::string, Look>;

std::vector<std::string> running_ids(const GlobalOptions& global) {
  std::vector<std::string> ids;
  for (const ListedContainer& container : ocelot::list(global)) {
    const bool alive = container.state.oci.status != oci::Status::stopped &&
                       container.state.oci.status != oci::Status::creating;
    if (alive && container.damage.empty()) ids.push_back(container.state.oci.id);
  }
  return ids;
}

cgroups::Stats figures_of(const GlobalOptions& global, const std::string& id) {
  if (auto shim = foreign_shim(global, id))
    return stats_from(shim->ask(R"({"operation":"stats"})").document);
  return ocelot::stats(global, id).cgroup;
}

// Containers that have ended since they were named are left out.
Looks look_at(const GlobalOptions& global, const std::vector<std::string>& ids) {
  Looks looks;
  for (const std::string& id : ids) {
    try {
      looks[id] = {figures_of(global, id), Clock::now()};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::WrongState) throw;
    }
  }
  return looks;
}

std::vector<StatsRow> rows_between(const Looks& before, const Looks& after) {
  std::vector<StatsRow> rows;
  for (const auto& [id, look] : after) {
    const auto earlier = before.find(id);
    const Look& first = earlier == before.end() ? look : earlier->second;
    rows.push_back(stats_row(id, first.stats, look.stats, look.at - first.at));
  }
  return rows;
}

}  // namespace

int stats(const GlobalOptions& global, const Arguments& arguments) {
  const std::vector<std::string> named(arguments.operands().begin(), arguments.operands().end());
  const auto every = interval(arguments, option::stats_interval, std::chrono::seconds{1});
  const bool json = arguments.text(option::table_format) == "json";
  const auto ids = [&] { return named.empty() ? running_ids(global) : named; };
  for (const std::string& id : named) figures_of(global, id);  // says what is wrong with it
  Looks before = look_at(global, ids());
  for (;;) {
    wait_changed(-1, every);
    Looks after = look_at(global, ids());
    if (after.empty() && !named.empty()) return 0;
    const auto rows = rows_between(before, after);
    sys::write_all(STDOUT_FILENO, json ? stats_rows_json(rows) : stats_table(rows));
    if (arguments.has(option::no_stream)) return 0;
    before = std::move(after);
  }
}

}  // namespace ocelot::cli
