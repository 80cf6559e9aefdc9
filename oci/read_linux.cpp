#include "oci/names.hpp"
#include "oci/read_structs.hpp"

namespace ocelot::oci {

void read(Reader& r, Namespace& ns) {
  r.section("config-linux.md#namespaces");
  r.required_word("type", namespace_words(), ns.type);
  r.optional("path", ns.path);
}

void read(Reader& r, IdMapping& mapping) {
  r.required("containerID", mapping.container_id);
  r.required("hostID", mapping.host_id);
  r.required("size", mapping.size);
}

void read(Reader& r, TimeOffset& offset) {
  r.section("config-linux.md#offset-for-time-namespace");
  r.optional("secs", offset.secs);
  r.optional("nanosecs", offset.nanosecs);
}

void read(Reader& r, Device& device) {
  r.section("config-linux.md#devices");
  r.required_word("type", device_words(), device.type);
  r.required("path", device.path);
  r.optional("major", device.major);
  r.optional("minor", device.minor);
  r.optional("fileMode", device.file_mode);
  r.optional("uid", device.uid);
  r.optional("gid", device.gid);
}

void read(Reader& r, NetDevice& device) {
  r.section("config-linux.md#network-devices");
  r.optional("name", device.name);
}

void read(Reader& r, IntelRdt& rdt) {
  r.section("config-linux.md#intelrdt");
  r.optional("closID", rdt.clos_id);
  r.optional("l3CacheSchema", rdt.l3_cache_schema);
  r.optional("memBwSchema", rdt.mem_bw_schema);
  r.optional("schemata", rdt.schemata);
  r.optional("enableMonitoring", rdt.enable_monitoring);
}

void read(Reader& r, MemoryPolicy& policy) {
  r.section("config-linux.md#memory-policy");
  r.required("mode", policy.mode);
  r.optional("nodes", policy.nodes);
  r.optional("flags", policy.flags);
}

void read(Reader& r, Personality& personality) {
  r.section("config-linux.md#personality");
  r.required("domain", personality.domain);
  r.optional("flags", personality.flags);
}

void read(Reader& r, Linux& linux_) {
  r.section("config-linux.md");
  r.optional("namespaces", linux_.namespaces);
  r.optional("uidMappings", linux_.uid_mappings);
  r.optional("gidMappings", linux_.gid_mappings);
  r.optional("timeOffsets", linux_.time_offsets);
  r.optional("devices", linux_.devices);
  r.optional("netDevices", linux_.net_devices);
  r.optional("cgroupsPath", linux_.cgroups_path);
  r.optional("resources", linux_.resources);
  r.optional("sysctl", linux_.sysctl);
  r.optional("seccomp", linux_.seccomp);
  r.optional("rootfsPropagation", linux_.rootfs_propagation);
  r.optional("maskedPaths", linux_.masked_paths);
  r.optional("readonlyPaths", linux_.readonly_paths);
  r.optional("mountLabel", linux_.mount_label);
  r.optional("intelRdt", linux_.intel_rdt);
  r.optional("memoryPolicy", linux_.memory_policy);
  r.optional("personality", linux_.personality);
}

}  // namespace ocelot::oci
