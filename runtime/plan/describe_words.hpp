#pragma once
#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "oci/linux.hpp"
#include "oci/mount_options.hpp"

// Numbers of the kernel as the words that a config.json would have for them.
namespace ocelot::words {

std::string namespaces(int clone_flags);         // "pid,network"
std::string mapping(const oci::IdMapping& map);  // "0-65535 are 100000-165535 of the host"
std::string mount_options(const oci::MountOptions& options);  // "nosuid,noexec,ro,size=64k"
std::string propagation(unsigned long flags);                 // "rslave"
std::string capabilities(std::uint64_t set);                  // "CAP_KILL,CAP_CHOWN", "none"
std::string limit(rlim_t value);                              // "1024", "unlimited"

}  // namespace ocelot::words
