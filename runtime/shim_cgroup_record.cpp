#include "runtime/shim_cgroup_record.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot {
namespace {

using nlohmann::json;

constexpr const char* file_name = "shim-cgroup";

}  // namespace

void save(int state_directory, const ShimCgroupRecord& record) {
  const json document{{"directories", record.directories}, {"homes", record.homes}};
  write_atomically(state_directory, file_name, document.dump() + '\n', 0600);
}

ShimCgroupRecord load_shim_cgroup(int state_directory) {
  const auto text = read_regular_file_if_exists(state_directory, file_name);
  if (!text) return {};
  try {
    const json document = json::parse(*text);
    return {.directories = document.at("directories"), .homes = document.at("homes")};
  } catch (const json::exception& error) {
    throw Error{ErrorKind::Failed, fmt::format("{}: malformed: {}", file_name, error.what())};
  }
}

void remove_shim_cgroup(const ShimCgroupRecord& record) noexcept {
  for (auto each = record.directories.rbegin(); each != record.directories.rend(); ++each) {
    const auto facts = sys::stat_following(*each);
    if (facts && (facts->st_mode & S_ISVTX) != 0)
      static_cast<void>(sys::try_remove_directory(AT_FDCWD, *each));
  }
}

}  // namespace ocelot
