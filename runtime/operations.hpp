#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "oci/config_update.hpp"
#include "oci/read_spec.hpp"
#include "oci/state.hpp"
#include "runtime/options.hpp"
#include "runtime/store.hpp"

// What can be done with a container: one function an operation, for the command line and the shim
// alike.
//
// What changes a container is given its directory with the lock (lookup.hpp), or takes that itself;
// each throws Error when it cannot do what it was asked, and then leaves everything as it was.
// Texts are those that engines match (does not exist, already exists, not running, ...). Spec:
// runtime.md#operations
namespace ocelot {

// Makes the container from its bundle up to the point where its process waits to be started.
void create(const GlobalOptions& global, const CreateOptions& options);

// create and start; unless detached, also waits, forwards signals and terminal, deletes, and
// returns the process's status as a shell reports it. Detached returns 0.
int run(const GlobalOptions& global, const CreateOptions& options);

// Releases the process; returns when its execve has happened, throws with the reason when it has
// not. A process that is to tell when it is ready is waited for, unless the caller relays that
// itself (notify_socket.hpp): without the lock.
enum class Readiness { relayed_here, relayed_by_caller };
void start(ContainerDirectory locked, Readiness readiness = Readiness::relayed_here);

// Writes the container's processes to images, from which `restore` makes them again; they end,
// unless they are to go on, and the container has then stopped. It must be running or paused.
void checkpoint(const GlobalOptions& global, const ContainerDirectory& directory,
                const CheckpointOptions& options);

// Makes the container of its bundle as `create` does, with the processes of the images, which go
// on. Returns as `run` does. A container of that id which a checkpoint has stopped makes room.
int restore(const GlobalOptions& global, const RestoreOptions& options);

// Adds a process to a created or running container; returns its status as a shell reports it, once
// it has ended. Detached it returns 0 once the process's execve has happened. See exec.hpp.
int exec(const GlobalOptions& global, const ExecOptions& options);

enum class Scope { init, all };
// `signal` 0 only probes.
void kill(const GlobalOptions& global, const std::string& id, int signal, Scope scope);
// Throws the Error of a signal to a process that has ended.
[[noreturn]] void fail_ended();

enum class Force { no, yes };
// Removes a stopped container, or one that was created and never started; with force any.
void remove(ContainerDirectory& directory, Force force);
// The same of the container whose directory is open as `directory`, once it has the lock, and of no
// other one that has been given its id; nothing when it is gone already.
void remove_that_one(const GlobalOptions& global, const std::string& id, int directory,
                     Force force);

// What `state` prints and `list` shows of a container.
struct ContainerState {
  oci::State oci;
  std::string rootfs;
  std::string created;  // RFC 3339, UTC, nanoseconds
  std::string owner;    // user who owns the state directory
};
ContainerState state(const GlobalOptions& global, const std::string& id);

// One of the containers that `list` finds.
struct ListedContainer {
  ContainerState state;
  std::string damage;  // why no more than id and owner is known of it; empty for a sound one
};
// Every container under the root, by id. Waits for no other operation; what has no state file yet
// is left out. A root that does not exist holds none.
std::vector<ListedContainer> list(const GlobalOptions& global);

// Host process ids of all that is in the container, sorted; empty when it has stopped.
std::vector<pid_t> processes(const GlobalOptions& global, const std::string& id);

// Returns when every process is frozen. Throws "container not running" unless it is running or
// created: for a paused one too.
void pause(const ContainerDirectory& directory);
// That alone, for whoever holds the lock.
void check_can_pause(oci::Status status);
// Throws "container not paused" unless it is.
void resume(const ContainerDirectory& directory);
void check_can_resume(oci::Status status);

// What is to change, as it was read and as text.
struct UpdateRequest {
  oci::ReadResources resources;
  oci::ConfigUpdate config;
};
// Changes the limits that `request` names and no others, in the kernel and in the saved
// configuration; all of them or, when one cannot be set, none. The container must not have stopped;
// it may be paused. Device rules are passed over.
void update(const GlobalOptions& global, const ContainerDirectory& directory,
            const UpdateRequest& request);

// Mounts more into a container that has not stopped, as `document` lists it: an array as `mounts`
// of config.json. All of it or, when one fails, none.
void add_mounts(const GlobalOptions& global, const std::string& id, const std::string& document);
// Unmounts what lies at the destinations of such an array, the last first. No symbolic link may
// lead there.
void remove_mounts(const GlobalOptions& global, const std::string& id, const std::string& document);

// The ids under the root that `pattern` (an extended regular expression, anywhere in the id)
// matches; sorted.
std::vector<std::string> matching_ids(const GlobalOptions& global, const std::string& pattern);

}  // namespace ocelot
