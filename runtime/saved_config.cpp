#include "runtime/saved_config.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot {
namespace {

constexpr const char* file_name = "config.json";

}  // namespace

void save_config(int directory, const std::string& text) {
  Context at{ocelot::text("saved config.json")};
  write_atomically(directory, file_name, text, 0600);
}

std::optional<std::string> load_config(int directory) {
  Context at{ocelot::text("saved config.json")};
  return read_regular_file_if_exists(directory, file_name);
}

std::optional<struct stat> stat_saved_config(int directory) {
  return sys::stat_if_exists(directory, file_name);
}

}  // namespace ocelot
