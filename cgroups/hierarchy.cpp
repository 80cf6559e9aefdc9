#include "cgroups/hierarchy.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

std::vector<std::string> parts(std::string_view text, char separator) {
  std::vector<std::string> found;
  for (const std::string_view word : split(trim(text), separator)) {
    if (!word.empty()) found.emplace_back(word);
  }
  return found;
}

// The directory that a v1 hierarchy is mounted on: named after the hierarchy, or after one of its
// controllers.
std::string mount_name(const std::string& hierarchy, const std::vector<std::string>& present) {
  std::vector<std::string> candidates{hierarchy};
  if (hierarchy.starts_with("name=")) candidates = {hierarchy.substr(5)};
  for (const std::string& controller : parts(hierarchy, ',')) candidates.push_back(controller);
  for (const std::string& candidate : candidates) {
    if (std::find(present.begin(), present.end(), candidate) != present.end()) return candidate;
  }
  return {};
}

}  // namespace

const Hierarchy* Hierarchies::with_controller(const std::string& controller) const {
  for (const Hierarchy& one : all) {
    if (std::find(one.controllers.begin(), one.controllers.end(), controller) !=
        one.controllers.end())
      return &one;
  }
  return nullptr;
}

const Hierarchy* Hierarchies::unified_one() const {
  const auto one =
      std::find_if(all.begin(), all.end(), [](const Hierarchy& each) { return each.unified; });
  return one == all.end() ? nullptr : &*one;
}

std::map<std::string, std::string> memberships(std::string_view text) {
  std::map<std::string, std::string> paths;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t name = line.find(':') + 1;
    const std::size_t path = line.find(':', name);  // which may hold more of them
    if (name == 0 || path == std::string_view::npos) continue;
    paths.emplace(line.substr(name, path - name), line.substr(path + 1));
  }
  return paths;
}

Hierarchies detect(const std::string& root, const std::string& membership) {
  const auto top = sys::open_if_exists(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  if (!top) return {};
  std::map<std::string, std::string> own = memberships(read_file(AT_FDCWD, membership));

  // Only cgroup v2 has this file, at its root too: a cheaper test than statfs, and one that a plain
  // directory can pass.
  if (const auto controllers = read_file_if_exists(top->get(), "cgroup.controllers")) {
    return {Mode::unified, {{"", parts(*controllers, ' '), root, own[""], true}}};
  }

  std::vector<std::string> present;
  for (sys::DirectoryEntry& entry : sys::list_directory(top->get()))
    present.push_back(std::move(entry.name));
  Hierarchies found;
  for (const auto& [name, path] : own) {
    if (name.empty()) continue;
    const std::string directory = mount_name(name, present);
    if (!directory.empty())
      found.all.push_back(
          {name, parts(name, ','), fmt::format("{}/{}", root, directory), path, false});
  }
  if (found.all.empty()) return {};
  found.mode = Mode::legacy;
  if (const auto controllers = read_file_if_exists(top->get(), "unified/cgroup.controllers")) {
    found.mode = Mode::hybrid;
    found.all.push_back({"", parts(*controllers, ' '), root + "/unified", own[""], true});
  }
  return found;
}

}  // namespace ocelot::cgroups
