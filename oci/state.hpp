#pragma once
#include <sys/types.h>

#include <string>

#include "oci/annotations.hpp"

// The container's state as hooks, `state` and seccomp agents read it. Spec: runtime.md#state
namespace ocelot::oci {

inline constexpr const char* spec_version = "1.3.0";

enum class Status { creating, created, running, paused, stopped };

const char* to_string(Status status);

struct State {
  std::string oci_version = spec_version;
  std::string id;
  Status status = Status::creating;
  pid_t pid = 0;  // on the host; 0 when there is none
  std::string bundle;
  Annotations annotations;
};

// Compact JSON without a newline, slashes unescaped, as hooks get it on standard input.
std::string to_json(const State& state);

}  // namespace ocelot::oci
