#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "runtime/base/process.hpp"

namespace ocelot {

// How a container's process ended. Written before anybody is told, and kept until the container is
// deleted.
struct ExitRecord {
  std::optional<ExitStatus> status;  // nullopt: it ended unseen, and nobody can tell
  std::uint64_t oom_kills = 0;       // in its cgroup, so far
  std::string time;                  // RFC 3339, UTC, when it was seen to have ended
  // Of the process and those of its children that it waited for; nullopt where it was nobody's
  // child here. Microseconds, and KiB.
  struct Usage {
    std::uint64_t user = 0, system = 0, max_resident = 0;
  };
  std::optional<Usage> usage;

  // That the OOM killer has ended it cannot be told from any other SIGKILL, but for the count.
  bool oom_killed() const { return status && status->signal == 9 && oom_kills > 0; }
  // As a shell reports it, or "unknown".
  std::string describe() const;
};

// One JSON object on one line:
// {"status":137,"signal":9,"core":false,"oomKilled":true,"oomKills":1,"time":"...","usage":{...}};
// status is "unknown" when it is.
std::string to_json(const ExitRecord& record);
// What to_json() wrote. Throws Error{Failed}.
ExitRecord exit_record_from(const std::string& text);

// `exit.json` in the container's state directory, on the disk when it returns.
void save_exit(int directory, const ExitRecord& record);
// nullopt when there is none. Throws Error when it cannot be understood.
std::optional<ExitRecord> load_exit(int directory);

}  // namespace ocelot
