#include <fmt/core.h>
#include <unistd.h>

#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/state_json.hpp"
#include "runtime/cli/text_table.hpp"

namespace ocelot::cli {

namespace {

std::string ids_of(const std::vector<ListedContainer>& containers) {
  std::string ids;
  for (const ListedContainer& container : containers) ids += container.state.oci.id + "\n";
  return ids;
}

std::string table_of(const std::vector<ListedContainer>& containers) {
  std::vector<std::vector<std::string>> rows{{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const auto& [state, damage] : containers) {
    rows.push_back({state.oci.id, std::to_string(state.oci.pid),
                    std::string(damage.empty() ? oci::to_string(state.oci.status) : damaged),
                    state.oci.bundle, state.created, state.owner});
  }
  return text_table(rows);
}

}  // namespace

int list(const GlobalOptions& global, const Arguments& arguments) {
  const auto containers = ocelot::list(global);
  for (const ListedContainer& container : containers) {
    if (!container.damage.empty())
      log::warning(fmt::format("container {}: {}", container.state.oci.id, container.damage));
  }
  if (arguments.has(option::quiet)) {
    sys::write_all(STDOUT_FILENO, ids_of(containers));
  } else if (arguments.text(option::table_format) == "json") {
    sys::write_all(STDOUT_FILENO, list_json(containers));
  } else {
    sys::write_all(STDOUT_FILENO, table_of(containers));
  }
  return 0;
}

}  // namespace ocelot::cli
