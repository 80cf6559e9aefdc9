#pragma once
#include <linux/bpf.h>

#include <vector>

#include "cgroups/device_rules.hpp"

// Device control on cgroup v2, which has no files for it: an eBPF program that the kernel asks at
// every mknod(2) and open(2) of a device.
namespace ocelot::cgroups::v2 {

// The program for a policy: 1 grants, 0 denies. A value; nothing is loaded.
std::vector<bpf_insn> device_program(const DevicePolicy& policy);

// Makes `policy` the device rules of the cgroup whose directory is `dir`, in place of the programs
// that it has. It is never without one meanwhile. A policy that allows everything needs none.
//
// An ordinary user, and root of another user namespace, may load no program: nothing happens then,
// as the kernel lets them make no device node either. Throws Error with the verifier's words when
// the kernel refuses otherwise.
void apply_device_policy(int dir, const DevicePolicy& policy);

}  // namespace ocelot::cgroups::v2
