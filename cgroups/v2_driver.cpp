#include "cgroups/v2_driver.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "cgroups/device_program.hpp"
#include "cgroups/failures.hpp"
#include "cgroups/subtree.hpp"
#include "cgroups/v2_events.hpp"
#include "cgroups/v2_settings.hpp"
#include "cgroups/v2_stats.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

// For kernels without /sys/kernel/cgroup/delegate (before 4.15).
constexpr std::string_view delegated_by_default =
    "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";

constexpr const char* owner_attribute = "trusted.ocelot.owner";

// All at once, or as many as the kernel lets: it takes a line whole or not at all.
void enable_in(const std::string& directory, const std::set<std::string>& controllers) {
  std::string all;
  for (const std::string& controller : controllers) all += fmt::format("+{} ", controller);
  int error_number = 0;
  const UniqueFd dir = sys::try_openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, error_number);
  if (!dir) return;
  const UniqueFd control =
      try_open_file(dir.get(), "cgroup.subtree_control", O_WRONLY, error_number);
  if (!control || sys::try_write_value(control.get(), all) == 0) return;
  for (const std::string& controller : controllers)
    sys::try_write_value(control.get(), "+" + controller);
}

}  // namespace

V2Driver::V2Driver(const Hierarchy& hierarchy, Cgroup cgroup, Role role,
                   const std::string& subgroup)
    : V2Driver({hierarchy.controllers.begin(), hierarchy.controllers.end()}, std::move(cgroup),
               role) {
  if (!subgroup.empty()) home_ = std::make_unique<V2Driver>(below(subgroup));
}

// Each cgroup from the root down to our parent must pass a controller on. One that cannot be had is
// no failure yet: it is when a limit asks for it.
void V2Driver::enable(const std::set<std::string>& controllers) const {
  const std::string text = cgroup_.read("cgroup.controllers").value_or("");
  const std::vector<std::string_view> present = words(text);
  std::set<std::string> missing;
  for (const std::string& controller : controllers) {
    if (available_.count(controller) != 0 &&
        std::ranges::find(present, controller) == present.end())
      missing.insert(controller);
  }
  if (missing.empty()) return;
  const std::string& directory = cgroup_.directory();
  for (std::size_t end = cgroup_.mount_point().size(); end != std::string::npos;
       end = directory.find('/', end + 1)) {
    enable_in(directory.substr(0, end), missing);
  }
}

void V2Driver::create() {
  make(Place::empty);
}

void V2Driver::adopt() {
  make(Place::held);
}

void V2Driver::make(Place place) {
  try {
    if (!cgroup_.make() && place == Place::empty &&
        !wait_for_event(cgroup_, "populated", false, Deadline{{}})) {
      fail_not_empty(cgroup_, processes());
    }
    if (!wait_for_event(cgroup_, "frozen", false, Deadline{{}})) fail_frozen(cgroup_);
    if (role_ == Role::alone) enable(available_);
    if (home_) home_->cgroup_.make();
  } catch (...) {
    cgroup_.unmake();
    throw;
  }
}

// Now that whoever has held the place is gone: a cgroup with a process in it passes no controller
// on.
void V2Driver::settle() {
  if (home_) home_->enable(available_);
}

void V2Driver::claim(const std::string& owner) {
  sys::try_set_attribute(cgroup_.fd(), owner_attribute, owner);
}

std::string V2Driver::owner() const {
  return cgroup_.find() == -1 ? "" : sys::attribute(cgroup_.fd(), owner_attribute);
}

void V2Driver::write_limits(const oci::Resources& resources, const std::string& current_quota,
                            Undo* undo) {
  const Settings settings = v2::settings(resources, current_quota);
  if (role_ == Role::beside_v1) {
    std::set<std::string> needed;
    for (const Setting& setting : settings) needed.emplace(controller_of(setting.file));
    if (!needed.empty()) enable(needed);
  }
  write(
      settings, [&](std::string_view) -> const Cgroup& { return cgroup_; }, undo);
}

void V2Driver::apply(const oci::Resources& resources) {
  write_limits(resources, "max", nullptr);
  if (role_ == Role::alone) v2::apply_device_policy(cgroup_.fd(), device_policy(resources.devices));
}

void V2Driver::change(const oci::Resources& resources, Undo& undo) {
  if (resources.memory && resources.memory->check_before_update == true &&
      resources.memory->limit.value_or(-1) > 0) {
    const auto usage =
        parse_integer<std::int64_t>(trim(cgroup_.read("memory.current").value_or("")));
    refuse_limit_below_usage(*resources.memory->limit, usage.value_or(0));
  }
  std::string quota = "max";
  if (resources.cpu && resources.cpu->period && resources.cpu->quota.value_or(0) == 0) {
    const std::string current = cgroup_.read("cpu.max").value_or("max");
    quota = current.substr(0, current.find(' '));
  }
  oci::Resources whole = resources;
  if (whole.memory) {
    v2::complete(*whole.memory, {.limit = cgroup_.read("memory.max").value_or(""),
                                 .swap = cgroup_.read("memory.swap.max").value_or("")});
  }
  write_limits(whole, quota, &undo);
}

oci::CpuResources V2Driver::bandwidth() const {
  const std::string text = cgroup_.read("cpu.max").value_or("");
  const auto parts = words(text);
  if (parts.size() != 2) return {};
  return {.quota = parts[0] == "max" ? -1 : parse_integer<std::int64_t>(parts[0]),
          .period = parse_integer<std::uint64_t>(parts[1])};
}

void V2Driver::delegate(uid_t owner) {
  if (home_) return home_->delegate(owner);
  const gid_t unchanged = static_cast<gid_t>(-1);
  sys::change_owner(cgroup_.fd(), owner, unchanged);
  const auto listed = read_file_if_exists(AT_FDCWD, "/sys/kernel/cgroup/delegate");
  for (const std::string_view file :
       split(listed ? std::string_view(*listed) : delegated_by_default, '\n')) {
    // The list is the kernel's, of all files there may be: those of controllers that are not
    // enabled are not there.
    if (file.empty() || !sys::stat_if_exists(cgroup_.fd(), std::string(file))) continue;
    sys::change_owner_at(cgroup_.fd(), std::string(file), owner, unchanged);
  }
}

V2Driver V2Driver::below(const std::string& name) const {
  const std::string path = cgroup_.directory().substr(cgroup_.mount_point().size());
  return {available_, Cgroup{cgroup_.mount_point(), path + "/" + name}, role_};
}

void V2Driver::delegate_below(const std::string& name, pid_t process, uid_t owner) {
  V2Driver theirs = home().below(name);
  theirs.cgroup_.make();
  theirs.cgroup_.write("cgroup.procs", fmt::format("{}", process));
  theirs.enable(available_);  // not before: a cgroup with a process in it passes none on
  theirs.delegate(owner);
}

std::optional<UniqueFd> V2Driver::birth_directory() const {
  return sys::duplicate(home().cgroup_.fd());
}

void V2Driver::freeze(Freezer state) {
  // Thawing announces itself too, but with a frozen cgroup above us it never comes.
  if (state == Freezer::thawed) return cgroup_.write("cgroup.freeze", "0");
  if (try_freeze(Deadline{time_to_freeze})) return;
  cgroup_.try_write("cgroup.freeze", "0");
  fail_to_freeze(cgroup_, processes());
}

bool V2Driver::try_freeze(const Deadline& deadline) {
  cgroup_.write("cgroup.freeze", "1");
  try {
    return wait_for_event(cgroup_, "frozen", true, deadline);
  } catch (...) {
    cgroup_.try_write("cgroup.freeze", "0");
    throw;
  }
}

bool V2Driver::frozen() const {
  if (cgroup_.reread("cgroup.freeze").value_or("0").starts_with('1')) return true;
  return value_of(cgroup_.reread("cgroup.events").value_or(""), "frozen") == std::uint64_t{1};
}

std::vector<pid_t> V2Driver::processes() const {
  return cgroup_.find() == -1 ? std::vector<pid_t>{} : processes_below(cgroup_.fd());
}

void V2Driver::signal_all(int signal) {
  signal_processes([&] { return processes(); }, signal);
}

bool V2Driver::send_kill() const {
  return cgroup_.try_write("cgroup.kill", "1") == 0;
}

bool V2Driver::wait_until_empty(const Deadline& deadline) const {
  return wait_for_event(cgroup_, "populated", false, deadline);
}

// Before Linux 5.14. On v2 a frozen process dies of SIGKILL at once.
void V2Driver::kill_while_frozen() {
  if (cgroup_.try_write("cgroup.freeze", "1") == 0) {
    wait_for_event(cgroup_, "frozen", true, Deadline{time_to_freeze_for_kill});
  }
  try {
    signal_all(SIGKILL);
  } catch (...) {
    cgroup_.try_write("cgroup.freeze", "0");
    throw;
  }
  cgroup_.try_write("cgroup.freeze", "0");
}

void V2Driver::kill_all() {
  const Deadline deadline{time_to_die};
  while (!wait_until_empty(Deadline{{}})) {
    if (deadline.passed()) fail_to_kill(processes());
    if (send_kill()) {
      wait_until_empty(deadline);
    } else {
      const std::vector<pid_t> pids = processes();
      kill_while_frozen();
      wait_for_ends(pids, deadline);
    }
  }
}

bool V2Driver::try_remove() noexcept {
  if (cgroup_.try_remove() != 0) return false;
  cgroup_.unmake();
  return true;
}

void V2Driver::remove() {
  const Deadline deadline{time_to_vanish};
  while (!try_remove()) {
    kill_all();
    if (cgroup_.find() == -1) continue;
    const int refusal = remove_below(cgroup_.fd());
    if (refusal != 0 && (refusal != EBUSY || deadline.passed())) fail_to_remove(cgroup_, refusal);
    const int error_number = cgroup_.try_remove();
    if (error_number != 0 && (error_number != EBUSY || deadline.passed()))
      fail_to_remove(cgroup_, error_number);
  }
}

bool V2Driver::remove_if_empty() {
  const Deadline deadline{time_to_vanish};
  while (!try_remove()) {
    if (!processes().empty() || deadline.passed()) return false;
    if (cgroup_.find() != -1) remove_below(cgroup_.fd());
    wait_for_ends({}, deadline);
  }
  return true;
}

std::optional<std::uint64_t> V2Driver::oom_kills() const {
  return value_of(cgroup_.read("memory.events").value_or(""), "oom_kill");
}

void V2Driver::add_stats(Stats& stats) const {
  // Alone on its host it counts processor time without a controller.
  v2::add_stats(
      cgroup_,
      [&](std::string_view controller) {
        return has(controller) || (role_ == Role::alone && controller == "cpu");
      },
      stats);
}

Stats V2Driver::stats() const {
  Stats stats;
  add_stats(stats);
  return stats;
}

Driver::OomNotice V2Driver::oom_notice() const {
  if (!cgroup_.read("memory.events")) return {};
  return {.fd = cgroup_.open("memory.events", O_RDONLY), .event = POLLPRI, .source = {}};
}

}  // namespace ocelot::cgroups
