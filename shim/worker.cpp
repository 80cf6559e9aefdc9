#include "shim/worker.hpp"

#include <fmt/core.h>
#include <signal.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::shim {
namespace {

int run(const Worker::Body& body, const Channel& channel, pid_t shim) {
  // Who adopts the container settles what was begun by what it finds: nothing may be done later.
  sys::set_parent_death_signal(SIGKILL);
  if (sys::parent_process_id() != shim) return 1;
  // The shim waits for signals in a descriptor; what is started here wants them as they are.
  sys::unblock_all_signals();
  const Worker::Result result = body();
  std::vector<int> fds;
  for (const UniqueFd& fd : result.fds) fds.push_back(fd.get());
  channel.tell(Step::done, result.number, fds);
  return 0;
}

}  // namespace

Worker::Worker(EventLoop& loop, const char* name, const Body& body, Done done, Failed failed)
    : done_(std::move(done)), failed_(std::move(failed)) {
  SocketPair pair = socket_pair();
  Channel worker_end{std::move(pair.theirs)};
  process_ = spawn(
      name, {}, [&, shim = sys::process_id()] { return run(body, worker_end, shim); },
      [&](const Error& error) { worker_end.tell_failure(error); });
  // Whoever outlives the worker may still hold its end: then nothing is there to wait for.
  sys::set_nonblocking(pair.ours.get(), true);
  channel_ = Channel{std::move(pair.ours)};
  watch_ = loop.watch(process_.pidfd(), EPOLLIN, [this](std::uint32_t) { ended(); });
}

void Worker::ended() {
  watch_.reset();
  const ExitStatus status = process_.wait();
  // What is called may destroy this object.
  const Done done = std::move(done_);
  const Failed failed = std::move(failed_);
  std::optional<Message> result;
  try {
    result = channel_.receive(Step::done);
    if (!result)
      throw Error{ErrorKind::Failed,
                  fmt::format("the shim's worker ended with {}", status.describe())};
  } catch (const Error& error) {
    return failed(error);
  }
  done({result->number, std::move(result->fds)});
}

}  // namespace ocelot::shim
