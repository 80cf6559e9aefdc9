#pragma once
#include <nlohmann/json_fwd.hpp>

#include "runtime/options.hpp"

namespace ocelot {

// What is asked of a container's shim for `exec`: all of the options that concern the process; what
// concerns the caller (sockets, pid file, whether to wait) stays with the caller.
//
// {"process":{...}} with a document of process.json, or "args" with any of cwd, env, uid, gid,
// additionalGids, capabilities, apparmorProfile, selinuxLabel, terminal, noNewPrivileges; beside
// either "cgroups" and "ignorePaused".
nlohmann::json exec_document(const ExecOptions& options);
// Whether the process is to have a terminal of its own; what is of a wrong type has none.
bool wants_terminal(const nlohmann::json& document);
// Throws Error{InvalidArgument} that names the member.
ExecOptions exec_options_from(const nlohmann::json& document);

}  // namespace ocelot
