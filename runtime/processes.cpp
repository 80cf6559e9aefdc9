#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"

namespace ocelot {

std::vector<pid_t> processes(const GlobalOptions& global, const std::string& id) {
  const UniqueFd directory = look_at_container(global, id);
  const Container container = load_container(directory.get(), id);
  const Record& record = container.record();
  // After a reboot a cgroup of that name is somebody else's.
  if (!record.init || !is_of_this_boot(*record.init)) return {};
  // Without a cgroup nobody but init is known to belong to the container.
  if (record.cgroup.manager == cgroups::Manager::disabled)
    return container.init() ? std::vector<pid_t>{record.init->pid} : std::vector<pid_t>{};
  return container.cgroup().processes();
}

}  // namespace ocelot
