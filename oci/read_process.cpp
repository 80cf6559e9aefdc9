#include "oci/read_structs.hpp"

namespace ocelot::oci {

void read(Reader& r, ConsoleSize& size) {
  r.required("height", size.height);
  r.required("width", size.width);
}

void read(Reader& r, User& user) {
  r.section("config.md#posix-platform-user");
  r.optional("uid", user.uid);
  r.optional("gid", user.gid);
  r.optional("umask", user.umask);
  r.optional("additionalGids", user.additional_gids);
}

void read(Reader& r, Capabilities& sets) {
  r.section("config.md#linux-process");
  r.optional("bounding", sets.bounding);
  r.optional("effective", sets.effective);
  r.optional("inheritable", sets.inheritable);
  r.optional("permitted", sets.permitted);
  r.optional("ambient", sets.ambient);
}

void read(Reader& r, Rlimit& rlimit) {
  r.section("config.md#posix-process");
  r.required("type", rlimit.type);
  r.required("soft", rlimit.soft);
  r.required("hard", rlimit.hard);
}

void read(Reader& r, Scheduler& scheduler) {
  r.section("config.md#linux-process");
  r.required("policy", scheduler.policy);
  r.optional("nice", scheduler.nice);
  r.optional("priority", scheduler.priority);
  r.optional("flags", scheduler.flags);
  r.optional("runtime", scheduler.runtime);
  r.optional("deadline", scheduler.deadline);
  r.optional("period", scheduler.period);
}

void read(Reader& r, IoPriority& io_priority) {
  r.section("config.md#linux-process");
  r.required("class", io_priority.io_class);
  r.optional("priority", io_priority.priority);
}

void read(Reader& r, ExecCpuAffinity& affinity) {
  r.section("config.md#linux-process");
  r.optional("initial", affinity.initial);
  r.optional("final", affinity.final);
}

void read(Reader& r, Process& process) {
  r.section("config.md#process");
  r.optional("terminal", process.terminal);
  r.optional("consoleSize", process.console_size);
  r.optional("user", process.user);
  r.optional("args", process.args);
  r.optional("env", process.env);
  r.optional("cwd", process.cwd);
  r.optional("capabilities", process.capabilities);
  r.optional("rlimits", process.rlimits);
  r.optional("noNewPrivileges", process.no_new_privileges);
  r.optional("apparmorProfile", process.apparmor_profile);
  r.optional("oomScoreAdj", process.oom_score_adj);
  r.optional("selinuxLabel", process.selinux_label);
  r.optional("scheduler", process.scheduler);
  r.optional("ioPriority", process.io_priority);
  r.optional("execCPUAffinity", process.exec_cpu_affinity);
}

}  // namespace ocelot::oci
