#pragma once
#include <memory>
#include <vector>

#include "runtime/plan/plan.hpp"

namespace ocelot {

// Network devices that were moved into a container's network namespace. Unless committed they are
// moved back, with their names, addresses and state, by the destructor: a namespace that ends takes
// virtual devices with it. A committed one never comes back by our doing.
class MovedNetDevices {
 public:
  MovedNetDevices();
  MovedNetDevices(MovedNetDevices&&) noexcept;
  MovedNetDevices& operator=(MovedNetDevices&&) noexcept;
  ~MovedNetDevices();

  void commit() noexcept;

 private:
  friend MovedNetDevices move_net_devices(const std::vector<NetDeviceStep>& devices,
                                          int target_netns_fd);
  struct Moves;
  std::unique_ptr<Moves> moves_;
};

// Moves devices from the caller's network namespace into the one of `target_netns_fd` under their
// new names, where a name may hold one %d for the lowest free number, and brings them up. Permanent
// addresses of global scope are kept, and so is what the kernel keeps.
//
// Throws Error naming the device: it does not exist, its new name is taken, or the kernel refuses;
// nothing is then left moved. Spec: config-linux.md#network-devices
[[nodiscard]] MovedNetDevices move_net_devices(const std::vector<NetDeviceStep>& devices,
                                               int target_netns_fd);

}  // namespace ocelot
