#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/plan/plan.hpp"
#include "runtime/procfs.hpp"
#include "runtime/root.hpp"

// What makes a process the container's: each function one step of init, or of a process that `exec`
// adds, in the order that init.cpp, exec_process.cpp and program.cpp give.
namespace ocelot {

// A session keyring of the container's own, "_ses.ID", instead of the caller's. Where keyrings are
// not built in there is none to leak.
void join_session_keyring(const std::string& id);

void write_sysctls(const Procfs& proc, const Plan& plan);

// The label that the next execve takes. It is read back: a label that did not arrive is an error,
// never a warning.
void set_apparmor_profile(const Procfs& proc, const std::string& profile);
void set_selinux_label(const Procfs& proc, const std::string& label);

// With the caller's privileges, for a process or (0) itself. Throws Error, with the resource's
// name.
void set_limits(pid_t pid, const std::vector<RlimitStep>& limits);

void apply_scheduling(const SchedulingPlan& plan);
// For the calling thread, before it enters the container.
void set_affinity(const SchedulingPlan& plan);

// Groups, user, and the five capability sets. Nothing of the caller's identity is left afterwards.
void apply_credentials(const ProcessPlan& plan);

// Makes `cwd` where it is missing; while the rootfs is still writable.
void make_working_directory(const Root& root, const std::string& cwd);
// Enters it: as root if need be, and verifies that it lies inside the root (CVE-2024-21626).
enum class Attempt { first, last };
bool enter_working_directory(const std::string& cwd, Attempt attempt);

// Where execve finds args[0], by PATH of the process's own environment. Throws what engines turn
// into exit codes 126 and 127.
std::string find_executable(const ProcessPlan& plan);

// HOME of `uid` from the container's /etc/passwd, "/" when it is not there.
std::string home_directory(const Root& root, uid_t uid);

// A terminal of the container's devpts: the result is its master; its peer becomes descriptors 0 to
// 2 and the controlling terminal.
UniqueFd make_terminal(const Root& root, const ProcessPlan& plan);
// The terminal that is the standard input appears as /dev/console too.
void bind_console(const Root& root);
// Descriptors 0 to 2 belong to the process's user; the host's null device gives way to the
// container's.
void prepare_stdio(const Root& root, const ProcessPlan& plan);

// Every descriptor from 3 up is closed but those the plan lets the process inherit.
void close_other_descriptors(const ProcessPlan& plan, const std::vector<int>& keep);

// Loads the filter. Returns the listener's descriptor when the filter notifies.
UniqueFd load_seccomp(const SeccompProgram& program);

}  // namespace ocelot
