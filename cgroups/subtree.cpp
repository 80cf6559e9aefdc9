#include "cgroups/subtree.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "cgroups/cgroup.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

std::vector<std::string> children(int dir) try {
  // A directory of cgroupfs has two links and one more for each child: most cgroups need no
  // listing.
  if (sys::stat(dir).st_nlink == 2) return {};
  std::vector<std::string> names;
  for (sys::DirectoryEntry& entry : sys::list_directory(dir)) {
    if (entry.type == DT_DIR) names.push_back(std::move(entry.name));
  }
  return names;
} catch (const Error& error) {
  if (error.error_number() == ENOENT) return {};  // removed since it was opened
  throw;
}

// `visit(dir)` on the way up, then `leave(parent, name)` from the parent.
void walk(int top, const std::function<void(int)>& visit,
          const std::function<void(int, const std::string&)>& leave) {
  struct Level {
    std::string name;
    std::vector<std::string> unvisited;
  };
  UniqueFd current = sys::open(top, ".", O_PATH | O_DIRECTORY);
  std::vector<Level> levels{{"", children(current.get())}};
  for (;;) {
    Level& level = levels.back();
    if (!level.unvisited.empty()) {
      std::string name = std::move(level.unvisited.back());
      level.unvisited.pop_back();
      auto child = sys::open_if_exists(current.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
      if (!child) continue;
      current = std::move(*child);
      levels.push_back({std::move(name), children(current.get())});
      continue;
    }
    visit(current.get());
    const std::string name = std::move(level.name);
    levels.pop_back();
    if (levels.empty()) return;
    // A cgroup can be renamed within its parent and removed, but never moved elsewhere: ".." is
    // where we came from.
    current = sys::open(current.get(), "..", O_PATH | O_DIRECTORY);
    leave(current.get(), name);
  }
}

void ignore(int, const std::string&) {}

}  // namespace

void for_each_cgroup(int top, const std::function<void(int dir)>& visit) {
  walk(top, visit, ignore);
}

std::vector<pid_t> processes_below(int top) {
  std::vector<pid_t> pids;
  for_each_cgroup(top, [&](int dir) {
    const std::string listed = read_cgroup_file(dir, "cgroup.procs").value_or("");
    for (const std::string_view line : split(listed, '\n')) {
      // 0 stands for a process that our pid namespace does not see.
      if (const auto pid = parse_integer<pid_t>(line); pid && *pid > 0) pids.push_back(*pid);
    }
  });
  std::sort(pids.begin(), pids.end());  // v1 lists are unsorted and may name a process twice
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

int remove_below(int top) {
  int refusal = 0;
  walk(
      top, [](int) {},
      [&](int parent, const std::string& name) {
        const int error_number = sys::try_remove_directory(parent, name);
        if (error_number != 0 && error_number != ENOENT && refusal == 0) refusal = error_number;
      });
  return refusal;
}

}  // namespace ocelot::cgroups
