#include "runtime/intel_rdt.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

// A file of a group. The kernel makes those with the group; in a plain directory they come to be
// here.
UniqueFd open_control(int group, const char* name) {
  return sys::open(group, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0644);
}

void add_to(int group, pid_t pid) {
  const UniqueFd tasks = open_control(group, "tasks");
  if (const int error_number = sys::try_write_value(tasks.get(), std::to_string(pid))) {
    sys::fail(error_number, fmt::format("write {} to tasks", pid));
  }
}

UniqueFd open_directory(int dir, const std::string& path) {
  return sys::open(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

void remove_quietly(const std::string& path) {
  const int error_number = sys::try_remove_directory(AT_FDCWD, path);
  // The failure that led here is the one to tell.
  if (error_number != 0 && error_number != ENOENT)
    log::debug(fmt::format("rmdir {}: errno {}", path, error_number));
}

void remove_directory(const std::string& path) {
  if (path.empty()) return;
  const int error_number = sys::try_remove_directory(AT_FDCWD, path);
  if (error_number != 0 && error_number != ENOENT)
    sys::fail(error_number, fmt::format("rmdir {}", path));
}

// The kernel's reason for the last refusal, beside the errno.
std::string last_command_status(const std::string& root) {
  const auto status = read_file_if_exists(AT_FDCWD, root + "/info/last_cmd_status");
  if (!status || status->empty() || *status == "ok\n") return {};
  return fmt::format(" ({})", status->substr(0, status->find('\n')));
}

void write_schemata(int group, const IntelRdtPlan& plan) {
  const UniqueFd schemata = open_control(group, "schemata");
  if (const int error_number = sys::try_write_value(schemata.get(), plan.schemata)) {
    sys::fail(error_number, fmt::format("write \"{}\" to schemata{}", printable(plan.schemata),
                                        last_command_status(plan.root)));
  }
}

}  // namespace

IntelRdtGroup::IntelRdtGroup(const IntelRdtPlan& plan)
    : plan_(plan),
      missing_(!plan.group.empty() && !sys::stat_if_exists(AT_FDCWD, plan.group_path())) {}

void IntelRdtGroup::make() {
  Context at{[&] { return fmt::format("intelRdt group {}", plan_.group_path()); }};
  open_group();
  make_monitor();
}

IntelRdtGroup::~IntelRdtGroup() {
  if (!committed_) undo();
}

void IntelRdtGroup::undo() const noexcept {
  if (made_monitor_) remove_quietly(plan_.monitor_path());
  if (made_group_) remove_quietly(plan_.group_path());
}

void IntelRdtGroup::open_group() {
  const UniqueFd root = sys::open(AT_FDCWD, plan_.root, O_RDONLY | O_DIRECTORY);
  if (!plan_.group.empty() && !plan_.group_must_exist) {
    made_group_ = sys::make_directory_unless_exists(root.get(), plan_.group, 0755);
    // Not the container's own after all: its state says so already.
    if (missing_ && !made_group_ && !plan_.named_by_caller)
      throw Error{ErrorKind::Failed, "was made by somebody else at this very moment", EEXIST};
  }
  if (plan_.group_must_exist && !plan_.group.empty() &&
      !sys::stat_if_exists(root.get(), plan_.group)) {
    throw Error{ErrorKind::InvalidSpec,
                fmt::format("closID {} is not set up, and there is no schema to set it up with",
                            plan_.group),
                ENOENT}
        .with_hint("make the group, or give l3CacheSchema, memBwSchema or schemata");
  }
  group_ =
      plan_.group.empty() ? sys::duplicate(root.get()) : open_directory(root.get(), plan_.group);
  if (plan_.schemata.empty()) return;
  if (made_group_) return write_schemata(group_.get(), plan_);
  const std::string actual = read_file(group_.get(), "schemata");
  if (schemata_match(actual, plan_.schemata)) return;
  throw Error{ErrorKind::InvalidSpec,
              "the group exists and has other schemata than config.json asks for"}
      .with_hint("choose another closID, or the schemata that the group has");
}

void IntelRdtGroup::make_monitor() {
  if (plan_.monitor.empty()) return;
  const std::string path = "mon_groups/" + plan_.monitor;
  made_monitor_ = sys::make_directory_unless_exists(group_.get(), path, 0755);
  monitor_ = open_directory(group_.get(), path);
}

void IntelRdtGroup::add(pid_t pid) const {
  Context at{[&] { return fmt::format("intelRdt group {}", plan_.group_path()); }};
  add_to(group_.get(), pid);
  if (monitor_)
    add_to(monitor_.get(), pid);  // after it: a monitoring group takes only tasks of its group
}

std::string IntelRdtGroup::group_to_remove() const {
  return missing_ && !plan_.named_by_caller ? plan_.group_path() : std::string();
}

// Named after the container, it is ours even when a killed create has left it.
std::string IntelRdtGroup::monitor_to_remove() const {
  return plan_.monitor_path();
}

ChangedSchemata::ChangedSchemata(const IntelRdtPlan& plan) {
  Context at{[&] { return fmt::format("intelRdt group {}", plan.group_path()); }};
  group_ = open_directory(AT_FDCWD, plan.group_path());
  before_ = read_file(group_.get(), "schemata");
  try {
    write_schemata(group_.get(), plan);
  } catch (const Error&) {
    restore();  // some of its lines may have been accepted
    throw;
  }
}

ChangedSchemata::~ChangedSchemata() {
  if (!committed_) restore();
}

void ChangedSchemata::restore() const noexcept {
  int error_number = 0;
  const UniqueFd schemata =
      sys::try_openat2(group_.get(), "schemata", O_WRONLY | O_CLOEXEC, 0, error_number);
  if (schemata) error_number = sys::try_write_value(schemata.get(), before_);
  // The failure that led here is the one to tell.
  if (error_number != 0) log::debug(fmt::format("schemata stay changed: errno {}", error_number));
}

void remove_intel_rdt(const std::string& group, const std::string& monitor) {
  Context at{text("intelRdt")};
  remove_directory(monitor);
  remove_directory(group);
}

}  // namespace ocelot
