#include "runtime/saved_config.hpp"

#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
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

oci::Spec load_spec(int directory) {
  const auto text = load_config(directory);
  Context at{ocelot::text("saved config.json")};
  if (!text)
    throw Error{ErrorKind::Failed, "is missing"}.with_hint(
        "the state was damaged: `delete --force` removes what is left of the container");
  oci::ReadSpec read = oci::read_spec(*text);
  oci::refuse(read.violations);
  if (!read.spec.process || !read.spec.linux_)
    throw Error{ErrorKind::Failed, "damaged: it describes no process"}.with_hint(
        "`delete --force` removes what is left of the container");
  return std::move(read.spec);
}

}  // namespace ocelot
