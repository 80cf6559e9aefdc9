#pragma once
#include <optional>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/channel.hpp"
#include "runtime/plan/plan.hpp"

// The runtime's half of making a process, be it a container's init or one that is added.
namespace ocelot {

struct Stage {
  ChildProcess process;
  Channel channel;
  Channel newborn;  // to the process that the stage will make
};

// Starts the stage in the v2 cgroup `birth`, if there is one; there `run` is called with the other
// ends of both channels.
template <typename Run>
Stage start_stage(const std::optional<UniqueFd>& birth, Run&& run) {
  SocketPair stage = socket_pair();
  SocketPair newborn = socket_pair();
  Channel stage_end{std::move(stage.theirs)};
  Channel newborn_end{std::move(newborn.theirs)};
  ChildProcess process = spawn(
      "ocelot:[1:STAGE]", {.cgroup = birth ? birth->get() : -1},
      [&] {
        stage.ours.reset();
        newborn.ours.reset();
        return run(stage_end, newborn_end);
      },
      [&](const Error& error) { stage_end.tell_failure(error); });
  return {std::move(process), Channel{std::move(stage.ours)}, Channel{std::move(newborn.ours)}};
}

// The one descriptor that a message must bring; throws Error{Failed} with `missing` otherwise.
UniqueFd only_fd(Message message, const char* missing);

// Collects the stage, whose work is done. Throws Error{Failed} unless it ended well.
void wait_for_stage(ChildProcess& stage);

}  // namespace ocelot
