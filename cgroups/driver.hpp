#pragma once
#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cgroups/hierarchy.hpp"
#include "cgroups/signals.hpp"
#include "cgroups/stats.hpp"
#include "cgroups/systemd/property.hpp"
#include "cgroups/undo.hpp"
#include "oci/resources.hpp"
#include "runtime/base/fd.hpp"

namespace ocelot::cgroups {

enum class Manager { cgroupfs, systemd, disabled };

// Whose units: the machine's, or those of one user's sessions.
enum class Instance { system, user };

// The service manager that makes cgroups for this caller.
struct Systemd {
  Instance instance = Instance::system;
  std::string root;  // of its units' cgroups, "/user.slice/user-1000.slice/user@1000.service"
};
// Who it is for this process, without asking it.
Systemd find_systemd(const Hierarchies& hierarchies);

// What the state file remembers of a container's cgroup: enough to find and remove it with no other
// help.
struct Location {
  Manager manager = Manager::cgroupfs;
  // Path below each hierarchy's mount point, by hierarchy name as /proc/self/cgroup has it
  // ("memory", "cpu,cpuacct", "name=systemd", "" for v2), for example "/libpod_parent/libpod-1234".
  std::map<std::string, std::string> paths;
  std::string unit;  // where systemd made it, "libpod-1234.scope"
  Instance instance = Instance::system;
  std::string subgroup;  // of v2: the name of a cgroup below, where the container is; or empty

  // Where the container's processes are born, and what they see as the root, when its cgroup is
  // `path`. The limits are on that, and it is what is frozen, killed and removed.
  std::string home(const std::string& path) const {
    return subgroup.empty() ? path : path + "/" + subgroup;
  }
};

// Where a container with `cgroups_path` (config.json, may be empty) and `id` belongs. A value;
// nothing is made. Throws Error{InvalidSpec} for a path that is malformed (E36).
Location locate(const Hierarchies& hierarchies, Manager manager, const std::string& cgroups_path,
                const std::string& id, const Systemd& systemd = {});

// Whether somebody may be in the cgroup that a container is to have.
enum class Place { empty, held };

enum class Freezer { thawed, frozen };

// A container's cgroup, whoever made it. Paths are fixed at construction; nothing here reads
// config.json.
class Driver {
 public:
  virtual ~Driver() = default;

  // Makes the directories (and enables controllers). Throws for one that is frozen or has processes
  // in it, since killing and removing the container would hit them too; what it made before the
  // failure is removed.
  virtual void create() = 0;
  // Instead of create(), where somebody else has made it and holds the place with a process until
  // the container's own is there: makes what is missing.
  virtual void adopt() = 0;
  // The container's first process is there: what held the place is no longer needed.
  virtual void settle() {}
  // Writes down whose it is now: one that is empty may be taken over, and whoever had it before
  // must not kill who is in it. As far as the kernel lets (attributes of files that an ordinary
  // user, or the container itself, may not set) and v2 is mounted.
  virtual void claim(const std::string&) {}
  // Whoever claimed it last; empty when nobody did.
  virtual std::string owner() const { return {}; }
  // Writes the limits and device rules; meant to happen while the cgroup is still empty. `devices`
  // holds the rules of config.json and then an allowing one for each of `linux.devices`; what every
  // container may use is added here.
  virtual void apply(const oci::Resources& resources) = 0;
  // The limits of a cgroup in use, where only what is present changes. Device rules never do:
  // engines send the list of config.json along, without those that linux.devices adds, and carried
  // out it would take from the container what create gave it. The caller restores from `undo` when
  // it throws, or when he fails later (all_or_nothing).
  virtual void change(const oci::Resources& resources, Undo& undo) = 0;
  // Quota and period of the processor that are in force, nothing else; neither without a cpu
  // controller.
  virtual oci::CpuResources bandwidth() const = 0;
  // Gives the cgroup to the host user that is root in the container, so that it can make cgroups of
  // its own below (v2 only: v1 cannot be delegated safely). For a new cgroup namespace with a
  // writable cgroup mount.
  virtual void delegate(uid_t owner) = 0;
  // Makes a cgroup `name` below, with all the controllers of this one, moves `process` there, the
  // only one that is in this one, and gives it to the host user `owner`. On v2 alone.
  virtual void delegate_below(const std::string&, pid_t, uid_t) {}
  // For CLONE_INTO_CGROUP: the container's directory in the v2 hierarchy, on a hybrid host too;
  // nullopt on a legacy host.
  virtual std::optional<UniqueFd> birth_directory() const = 0;
  // The files of the v1 hierarchies that a new single-threaded process writes "0" into to move
  // itself there. These are the `tasks` files, not cgroup.procs: a thread that moves only itself
  // takes no lock, whereas a write to cgroup.procs takes cgroup_threadgroup_rwsem and waits for an
  // RCU grace period (7 to 15 ms on an idle machine). Opened with the caller's credentials, which
  // are the ones the kernel checks, so that the process may write from inside a user namespace.
  virtual std::vector<UniqueFd> membership_files() const = 0;
  // Returns when the kernel says that it is so.
  virtual void freeze(Freezer state) = 0;
  // Freezes as far as that goes until the deadline. False when it is not done by then: it goes on,
  // and freeze() is to be called, with whatever state. When it throws, nothing is left frozen.
  virtual bool try_freeze(const Deadline& deadline) = 0;
  virtual bool frozen() const = 0;
  // Every process of the whole subtree.
  virtual std::vector<pid_t> processes() const = 0;
  // SIGKILL to everything in the subtree, repeated until it is empty: cgroup.kill, else freeze,
  // signal all, thaw. Never leaves it frozen.
  virtual void kill_all() = 0;
  // `signal` to every process of the subtree once.
  virtual void signal_all(int signal) = 0;
  // Removes the subtree bottom-up, killing what is left in it; waits for the kernel without
  // sleeping loops where it can. A cgroup that is already gone is no error.
  virtual void remove() = 0;
  // The same where whoever is in it is somebody else's, who took it over while it was empty: nobody
  // is killed. False when somebody is; then it stays.
  virtual bool remove_if_empty() = 0;
  // Count of OOM kills so far in the subtree; nullopt without a memory controller.
  virtual std::optional<std::uint64_t> oom_kills() const = 0;
  // What is counted of the subtree. All zero for a cgroup that is gone.
  virtual Stats stats() const = 0;
  // A descriptor that poll(2) says `event` of when the kernel has run out of the container's memory
  // (and now and then without that: oom_kills tells). Empty without a memory controller.
  struct OomNotice {
    UniqueFd fd;
    short event = 0;  // POLLIN: to be read; POLLPRI: the file is to be read from its start
    UniqueFd source;  // kept open for as long as notice is wanted
  };
  virtual OomNotice oom_notice() const = 0;
};

// The driver for a location; the only function that knows them all. What systemd makes is created
// with `properties`.
std::unique_ptr<Driver> make_driver(const Hierarchies& hierarchies, const Location& location,
                                    systemd::Properties properties = {});

}  // namespace ocelot::cgroups
