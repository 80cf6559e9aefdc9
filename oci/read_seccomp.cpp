#include "oci/names.hpp"
#include "oci/read_structs.hpp"

namespace ocelot::oci {

void read(Reader& r, SeccompArgument& argument) {
  r.required("index", argument.index);
  r.required("value", argument.value);
  r.optional("valueTwo", argument.value_two);
  r.required_word("op", seccomp_operators(), argument.op);
}

void read(Reader& r, SeccompRule& rule) {
  r.optional("names", rule.names);
  r.required_word("action", seccomp_actions(), rule.action);
  r.optional("errnoRet", rule.errno_ret);
  r.optional("args", rule.args);
}

void read(Reader& r, Seccomp& seccomp) {
  r.section("config-linux.md#seccomp");
  r.required_word("defaultAction", seccomp_actions(), seccomp.default_action);
  r.optional("defaultErrnoRet", seccomp.default_errno_ret);
  r.optional("architectures", seccomp.architectures);
  r.optional("flags", seccomp.flags);
  r.optional("listenerPath", seccomp.listener_path);
  r.optional("listenerMetadata", seccomp.listener_metadata);
  r.optional("syscalls", seccomp.syscalls);
}

}  // namespace ocelot::oci
