#include "runtime/cli/global_options.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <cstdlib>

#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"
#include "runtime/host.hpp"

namespace ocelot::cli {

namespace {

constexpr const char* privileged_root = "/run/ocelot";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

// Root of a user namespace counts as unprivileged, unless it says by $USER that it means to be
// root.
bool unprivileged() {
  if (sys::effective_uid() != 0) return true;
  return in_user_namespace() && environment("USER") != "root";
}

// Callers run some commands with an empty $XDG_RUNTIME_DIR: it is then as good as unset, the same
// in every command.
std::string default_root() {
  const std::string runtime_directory = environment("XDG_RUNTIME_DIR");
  if (runtime_directory.empty() || !unprivileged()) return privileged_root;
  const std::string root = runtime_directory + "/ocelot";
  if (sys::make_directory_unless_exists(AT_FDCWD, root, 0700)) {
    // Programs that tidy $XDG_RUNTIME_DIR spare what is sticky.
    sys::change_mode(sys::open(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_NOFOLLOW).get(), 01700);
  }
  return root;
}

cgroups::Manager manager(const Arguments& arguments) {
  const std::string_view name = arguments.text(option::cgroup_manager);
  if (name == "disabled") return cgroups::Manager::disabled;
  if (name == "systemd" || arguments.has(option::systemd_cgroup)) return cgroups::Manager::systemd;
  return cgroups::Manager::cgroupfs;
}

log::Level level(const Arguments& arguments) {
  const std::string_view name = arguments.text(option::log_level);
  if (name == "debug" || arguments.has(option::debug)) return log::Level::debug;
  return name == "error" ? log::Level::error : log::Level::warning;
}

}  // namespace

std::string absolute_root(std::string_view root) {
  const std::string whole = root.starts_with('/')
                                ? std::string(root)
                                : fmt::format("{}/{}", sys::current_directory(), root);
  std::string absolute;
  for (const std::string_view part : split(whole, '/')) {
    if (part == "..") {
      absolute.erase(absolute.empty() ? 0 : absolute.rfind('/'));
    } else if (!part.empty() && part != ".") {
      absolute.append("/").append(part);
    }
  }
  if (absolute.empty())
    throw Error{ErrorKind::InvalidArgument, "option --root must not be the root directory"}
        .with_hint("name a directory of its own, like /run/ocelot");
  return absolute;
}

void open_log(const Arguments& arguments) {
  const log::Format format =
      arguments.text(option::log_format) == "json" ? log::Format::json : log::Format::text;
  log::open(std::string(arguments.text(option::log)), format, level(arguments));
}

GlobalOptions global_options(const Arguments& arguments) {
  const std::string_view root = arguments.text(option::root);
  return {.root = root.empty() ? default_root() : absolute_root(root),
          .cgroup_manager = manager(arguments),
          .debug = level(arguments) == log::Level::debug};
}

}  // namespace ocelot::cli
