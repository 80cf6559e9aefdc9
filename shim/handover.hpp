#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"
#include "runtime/base/log.hpp"
#include "runtime/exit_record.hpp"
#include "shim/container_peer.hpp"
#include "shim/control/effects.hpp"
#include "shim/control/metrics.hpp"
#include "shim/process.hpp"
#include "shim/readiness_relay.hpp"
#include "shim/stdio/stdio.hpp"

namespace ocelot::shim {

// What a shim leaves to the program that it executes in its own place, a live upgrade: all that it
// holds of the container, which notices nothing. The rest is in the state directory.
//
// It goes over as one JSON document, in a sealed memfd that is the new program's standard input;
// descriptors keep their numbers.
struct Handover {
  struct Running {
    pid_t pid = -1;
    UniqueFd pidfd;
    Process::Relation relation = Process::Relation::child;
  };
  // A process that exec added: it runs, or this is how it ended.
  struct Exec {
    std::string name;
    pid_t pid = -1;  // its name still when it has ended
    std::optional<Running> running;
    std::optional<ExitRecord> exit;
    std::optional<Stdio::Handover> stdio;  // where the shim keeps its streams
  };

  // The control socket, whose clients go on where they were.
  UniqueFd listener;
  std::uint64_t instance = 0, next_event = 1;
  control::Metrics counted;
  // The request that asked for it, which the new program answers.
  control::EffectKey request;

  Running init;
  bool started = false;
  Stdio::Handover stdio;
  std::optional<ContainerPeer::Handover> channel;
  ReadinessRelay::Handover readiness;
  std::vector<Exec> execs;  // those that have ended in the order of their end
  std::uint64_t next_exec = 1;
  std::optional<std::string> oom_score_before;  // what those that the shim starts are to have
  std::optional<log::Setting> log;

  // The program that was, which is executed again when the new one cannot go on; and why not, once
  // that has happened.
  UniqueFd previous;
  std::optional<std::string> failure;
};

}  // namespace ocelot::shim
