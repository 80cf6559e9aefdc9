#include "shim/lasting_workers.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot::shim {
namespace {

constexpr std::size_t many = 4;

// All but standard streams and `keeps`.
void close_others(std::vector<int> keeps) {
  unsigned next = STDERR_FILENO + 1;
  std::ranges::sort(keeps);
  for (const int each : keeps) {
    const auto number = static_cast<unsigned>(each);
    if (number > next) sys::close_range(next, number - 1, 0);
    next = std::max(next, number + 1);
  }
  sys::close_range(next, ~0U, 0);
}

}  // namespace

LastingWorkers::~LastingWorkers() {
  for (Each& each : all_) static_cast<void>(each.process.release());
}

bool LastingWorkers::too_many() const {
  return all_.size() - working_ >= many;
}

void LastingWorkers::start(const char* name, std::vector<int> keeps, const Worker::Body& body,
                           Worker::Done done, Worker::Failed failed) {
  SocketPair pair = socket_pair();
  const Channel worker_end{std::move(pair.theirs)};
  keeps.push_back(worker_end.fd());
  ChildProcess process = spawn(
      name, {},
      [&, shim = sys::process_id()] {
        sys::set_parent_death_signal(SIGKILL);
        if (sys::parent_process_id() != shim) return 1;
        close_others(keeps);
        worker_end.tell(Step::done, body().number, {});
        return 0;
      },
      [&](const Error& error) { worker_end.tell_failure(error); });
  sys::set_nonblocking(pair.ours.get(), true);
  const auto each =
      all_.insert(all_.end(), Each{std::move(process), Channel{std::move(pair.ours)}, {}, {}});
  ++working_;
  reaper_.name(each->process.pid());
  each->told =
      loop_.watch(each->channel.fd(), EPOLLIN,
                  [this, each, done = std::move(done), failed = std::move(failed)](std::uint32_t) {
                    take_result(each, Worker::Done{done}, Worker::Failed{failed});
                  });
  each->ended =
      loop_.watch(each->process.pidfd(), EPOLLIN, [this, each](std::uint32_t) { end(each); });
}

// The functions are copies: those of the watch go with it.
void LastingWorkers::take_result(Place each, const Worker::Done& done,
                                 const Worker::Failed& failed) {
  each->told.reset();
  --working_;
  std::optional<Message> result;
  try {
    result = each->channel.receive(Step::done);
    if (!result) throw Error{ErrorKind::Failed, "the shim's worker ended without a result"};
  } catch (const Error& error) {
    return failed(error);
  }
  done({.number = result->number, .fds = {}});
}

// What it has told is taken first: in the next turn.
void LastingWorkers::end(Place each) {
  if (each->told) return;
  each->ended.reset();
  const pid_t pid = each->process.pid();
  each->process.wait();
  all_.erase(each);
  reaper_.forget(pid);
}

}  // namespace ocelot::shim
