#include "cgroups/v1_driver.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "cgroups/cpuset.hpp"
#include "cgroups/device_rules.hpp"
#include "cgroups/failures.hpp"
#include "cgroups/subtree.hpp"
#include "cgroups/v1_freezer.hpp"
#include "cgroups/v1_settings.hpp"
#include "cgroups/v1_stats.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

bool has(const Hierarchy& hierarchy, std::string_view controller) {
  return std::find(hierarchy.controllers.begin(), hierarchy.controllers.end(), controller) !=
         hierarchy.controllers.end();
}

// Nothing is left frozen, whichever way out is taken.
class ThawAtEnd {
 public:
  explicit ThawAtEnd(V1Driver& driver) : driver_(driver) {}
  ThawAtEnd(const ThawAtEnd&) = delete;
  ThawAtEnd& operator=(const ThawAtEnd&) = delete;
  ~ThawAtEnd() {
    if (armed_) driver_.thaw_all();
  }
  void disarm() { armed_ = false; }

 private:
  V1Driver& driver_;
  bool armed_ = true;
};

}  // namespace

const Cgroup* V1Driver::with(std::string_view controller) const {
  for (const Member& member : members_) {
    if (has(member.hierarchy, controller)) return &member.cgroup;
  }
  return nullptr;
}

const Cgroup& V1Driver::need(std::string_view controller) const {
  if (const Cgroup* cgroup = with(controller)) return *cgroup;
  throw Error{ErrorKind::Unsupported,
              fmt::format("this host has no cgroup controller \"{}\"", printable(controller))}
      .with_hint("leave the limit out, or enable the controller in the kernel and mount it");
}

// The hierarchy that is asked who is in the container: the freezer's, since that is where everybody
// is stopped.
const Cgroup& V1Driver::listing() const {
  const Cgroup* freezer = with("freezer");
  return freezer != nullptr ? *freezer : members_.front().cgroup;
}

void V1Driver::make(Member& member, Place place) {
  if (!member.cgroup.make() && place == Place::empty) {
    const std::vector<pid_t> pids = processes_below(member.cgroup.fd());
    if (!pids.empty()) fail_not_empty(member.cgroup, pids);
  }
  if (has(member.hierarchy, "cpuset"))
    v1::inherit_cpuset(member.cgroup.mount_point(), member.cgroup.directory());
  if (has(member.hierarchy, "freezer") && V1Freezer{member.cgroup}.frozen())
    fail_frozen(member.cgroup);
}

void V1Driver::create() {
  make_all(Place::empty);
}

void V1Driver::adopt() {
  make_all(Place::held);
}

void V1Driver::make_all(Place place) {
  try {
    for (Member& member : members_) make(member, place);
  } catch (...) {
    for (Member& member : members_) member.cgroup.unmake();
    throw;
  }
}

// The real-time share of a new group is 0, and a group cannot get more than its parent has.
void V1Driver::share_realtime(const oci::CpuResources& cpu) {
  if (cpu.realtime_runtime.value_or(0) <= 0) return;
  for (const Member& member : members_) {
    if (!has(member.hierarchy, "cpu")) continue;
    for (const std::string& made : member.cgroup.made()) {
      if (made == member.cgroup.directory()) continue;
      if (cpu.realtime_period)
        write_value(AT_FDCWD, made + "/cpu.rt_period_us", std::to_string(*cpu.realtime_period));
      write_value(AT_FDCWD, made + "/cpu.rt_runtime_us", std::to_string(*cpu.realtime_runtime));
    }
  }
}

void V1Driver::write_limits(const oci::Resources& resources, Undo* undo) {
  if (resources.cpu) share_realtime(*resources.cpu);
  write(
      v1::settings(resources),
      [&](std::string_view controller) -> const Cgroup& { return need(controller); }, undo);
}

void V1Driver::apply(const oci::Resources& resources) {
  write_limits(resources, nullptr);
  const DevicePolicy policy = device_policy(resources.devices);
  const Cgroup* devices = with("devices");
  if (devices == nullptr && policy.allows_everything()) return;
  const Cgroup& cgroup = need("devices");
  // A cgroup that allows everything cannot be made more permissive, and inside a container the
  // write would be refused.
  const bool as_it_is = policy.allows_everything() && cgroup.read("devices.list") == "a *:* rwm\n";
  if (as_it_is) return;
  try {
    write(v1::device_settings(policy), [&](std::string_view) -> const Cgroup& { return cgroup; });
  } catch (const Error& error) {
    if (!refused_as_foreign(error.error_number())) throw;
  }
}

void V1Driver::change(const oci::Resources& resources, Undo& undo) {
  if (resources.memory && resources.memory->check_before_update == true &&
      resources.memory->limit.value_or(-1) > 0) {
    const auto usage = parse_integer<std::int64_t>(
        trim(need("memory").read("memory.usage_in_bytes").value_or("")));
    refuse_limit_below_usage(*resources.memory->limit, usage.value_or(0));
  }
  write_limits(resources, &undo);
}

oci::CpuResources V1Driver::bandwidth() const {
  const Cgroup* cgroup = with("cpu");
  if (cgroup == nullptr) return {};
  const auto number = [&](const char* file) { return trim(cgroup->read(file).value_or("")); };
  return {.quota = parse_integer<std::int64_t>(number("cpu.cfs_quota_us")),
          .period = parse_integer<std::uint64_t>(number("cpu.cfs_period_us"))};
}

std::vector<UniqueFd> V1Driver::membership_files() const {
  std::vector<UniqueFd> files;
  for (const Member& member : members_) files.push_back(member.cgroup.open("tasks", O_WRONLY));
  return files;
}

void V1Driver::freeze(Freezer state) {
  const Cgroup& cgroup = need("freezer");
  cgroup.fd();
  if (state == Freezer::thawed) return V1Freezer{cgroup}.thaw();
  if (try_freeze(Deadline{time_to_freeze})) return;
  thaw_all();
  fail_to_freeze(cgroup, processes());
}

bool V1Driver::try_freeze(const Deadline& deadline) {
  const Cgroup& cgroup = need("freezer");
  cgroup.fd();
  ThawAtEnd thaw_at_end{*this};
  const bool done = V1Freezer{cgroup}.try_freeze(deadline);
  thaw_at_end.disarm();
  return done;
}

bool V1Driver::frozen() const {
  const Cgroup* cgroup = with("freezer");
  return cgroup != nullptr && V1Freezer{*cgroup}.frozen();
}

void V1Driver::thaw_all() noexcept {
  try {
    if (const Cgroup* cgroup = with("freezer")) V1Freezer{*cgroup}.thaw_all();
  } catch (const std::exception&) {
    // It is gone, or we have run out of descriptors: the one write that matters most needs a single
    // one.
    if (const Cgroup* cgroup = with("freezer")) cgroup->try_write("freezer.state", "THAWED");
  }
}

std::vector<pid_t> V1Driver::processes() const {
  const Cgroup& cgroup = listing();
  return cgroup.find() == -1 ? std::vector<pid_t>{} : processes_below(cgroup.fd());
}

void V1Driver::signal_all(int signal) {
  signal_processes([&] { return processes(); }, signal);
}

// A frozen process can neither fork nor end, so that every pid listed is the process that was
// meant; it dies when thawed.
void V1Driver::kill_once(const Deadline& deadline) {
  const Cgroup* freezer = with("freezer");
  if (freezer == nullptr) return signal_all(SIGKILL);
  ThawAtEnd thaw_at_end{*this};
  // One that does not freeze in time (it waits for a device) gets its signal all the same.
  V1Freezer{*freezer}.try_freeze(deadline);
  for (const pid_t pid : processes()) sys::try_kill(pid, SIGKILL);
}

void V1Driver::kill_all() {
  const Deadline deadline{time_to_die};
  for (std::vector<pid_t> pids = processes(); !pids.empty(); pids = processes()) {
    if (deadline.passed()) fail_to_kill(pids);
    kill_once(Deadline{time_to_freeze_for_kill});
    wait_for_ends(pids, deadline);
  }
}

bool V1Driver::try_remove() noexcept {
  bool all = true;
  for (Member& member : members_) {
    if (member.cgroup.try_remove() != 0) all = false;
  }
  if (all) {
    for (Member& member : members_) member.cgroup.unmake();
  }
  return all;
}

void V1Driver::remove() {
  const Deadline deadline{time_to_vanish};
  while (!try_remove()) {
    kill_all();
    for (Member& member : members_) {
      if (member.cgroup.find() == -1) continue;
      const int refusal = remove_below(member.cgroup.fd());
      const int error_number = refusal != 0 ? refusal : member.cgroup.try_remove();
      if (error_number == 0) continue;
      if (deadline.passed() || error_number != EBUSY) fail_to_remove(member.cgroup, error_number);
      // Nothing announces that a v1 cgroup became empty. Who is still in it is nearly gone: its
      // last processes were killed.
      const std::vector<pid_t> pids = processes_below(member.cgroup.fd());
      wait_for_ends(pids, deadline);
    }
  }
}

bool V1Driver::remove_if_empty() {
  const Deadline deadline{time_to_vanish};
  while (!try_remove()) {
    if (!processes().empty() || deadline.passed()) return false;
    for (const Member& member : members_) {
      if (member.cgroup.find() != -1) remove_below(member.cgroup.fd());
    }
    wait_for_ends({}, deadline);
  }
  return true;
}

std::optional<std::uint64_t> V1Driver::oom_kills() const {
  const Cgroup* memory = with("memory");
  if (memory == nullptr || memory->find() == -1) return std::nullopt;
  std::uint64_t kills = 0;  // each cgroup counts its own only
  bool there = false;       // the cgroup itself, which comes last
  for_each_cgroup(memory->fd(), [&](int dir) {
    const auto control = read_cgroup_file(dir, "memory.oom_control");
    kills += value_of(control.value_or(""), "oom_kill").value_or(0);
    there = control.has_value();
  });
  if (!there) return std::nullopt;
  return kills;
}

Stats V1Driver::stats() const {
  return v1::read_stats([&](std::string_view controller) { return with(controller); });
}

// memory.oom_control announces through an eventfd, which is registered by its number.
Driver::OomNotice V1Driver::oom_notice() const {
  const Cgroup* memory = with("memory");
  if (memory == nullptr || memory->find() == -1) return {};
  OomNotice notice{.fd = sys::event_descriptor(),
                   .event = POLLIN,
                   .source = memory->open("memory.oom_control", O_RDONLY)};
  memory->write("cgroup.event_control", fmt::format("{} {}", notice.fd.get(), notice.source.get()));
  return notice;
}

}  // namespace ocelot::cgroups
