#pragma once
#include <sys/stat.h>

#include <optional>
#include <string>

#include "oci/spec.hpp"

namespace ocelot {

// The copy of config.json in a container's directory: the bundle's may change or go after create.
void save_config(int directory, const std::string& text);
// nullopt when there is none.
std::optional<std::string> load_config(int directory);
// Which file it is: another one after each save.
std::optional<struct stat> stat_saved_config(int directory);
// The copy, read. Throws Error when it is missing or damaged.
oci::Spec load_spec(int directory);

}  // namespace ocelot
