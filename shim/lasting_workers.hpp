#pragma once
#include <functional>
#include <list>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/process.hpp"
#include "runtime/channel.hpp"
#include "shim/reaper.hpp"
#include "shim/worker.hpp"

namespace ocelot::shim {

// Workers that handle what the container could hold up the end of: descriptors that it has had a
// hand in (foreign_fds.hpp). The result of one is taken as soon as it is told; then it may last.
//
// Of the shim's descriptors one has those alone that it needs, lest it keep others open.
class LastingWorkers {
 public:
  LastingWorkers(EventLoop& loop, Reaper& reaper) : loop_(loop), reaper_(reaper) {}
  LastingWorkers(const LastingWorkers&) = delete;
  LastingWorkers& operator=(const LastingWorkers&) = delete;
  ~LastingWorkers();

  // One of `done` and `failed` is called. Throws Error when there can be no process.
  void start(const char* name, std::vector<int> keeps, const Worker::Body& body, Worker::Done done,
             Worker::Failed failed);
  // Those that have not told their result.
  std::size_t working() const { return working_; }
  // So many last that no more should be started of what the container asks for.
  bool too_many() const;

 private:
  struct Each {
    ChildProcess process;
    Channel channel;
    EventLoop::Watch told, ended;
  };
  using Place = std::list<Each>::iterator;
  void take_result(Place each, const Worker::Done& done, const Worker::Failed& failed);
  void end(Place each);

  EventLoop& loop_;
  Reaper& reaper_;
  std::list<Each> all_;
  std::size_t working_ = 0;
};

}  // namespace ocelot::shim
