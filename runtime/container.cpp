#include "runtime/container.hpp"

#include "runtime/base/error.hpp"
#include "runtime/start_socket.hpp"
#include "runtime/store.hpp"

namespace ocelot {

std::optional<UniqueFd> Container::init() const {
  if (!record_.init) return std::nullopt;
  return open_process(*record_.init);
}

UniqueFd Container::living_init(const std::string& why_not) const {
  if (auto living = init()) return std::move(*living);
  throw Error{ErrorKind::WrongState, why_not}.with_hint(
      "its process has ended: delete it and create it anew");
}

const std::shared_ptr<cgroups::Driver>& Container::shared_cgroup() const {
  if (!cgroup_) cgroup_ = cgroups::make_driver(cgroups::detect(), record_.cgroup);
  return cgroup_;
}

bool Container::may_be_in_cgroup() const {
  const std::string owner = cgroup().owner();
  if (!owner.empty()) return owner == record_.cgroup_owner();
  // All that were in its pid namespace have ended with init.
  return record_.phase == Phase::creating || !record_.own_pid_namespace || init();
}

oci::Status Container::status() const {
  if (!init())
    return record_.phase == Phase::creating && !record_.init ? oci::Status::creating
                                                             : oci::Status::stopped;
  if (record_.phase == Phase::creating) return oci::Status::creating;
  if (cgroup().frozen()) return oci::Status::paused;
  return is_waited_for_start(directory_) ? oci::Status::created : oci::Status::running;
}

Container load_container(int directory, const std::string& id) {
  auto record = load(directory);
  if (!record) fail_not_found(id);
  return {directory, std::move(*record)};
}

}  // namespace ocelot
