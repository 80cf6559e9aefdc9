#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "shim/reaper.hpp"
#include "shim/worker.hpp"

namespace ocelot::shim {

// The workers that are at it.
class Workers {
 public:
  Workers(EventLoop& loop, Reaper& reaper) : loop_(loop), reaper_(reaper) {}

  // See Worker; `failed` is told, too, what `done` throws. What `done` and `failed` are called with
  // is gone from here by then.
  void start(const char* name, const Worker::Body& body, Worker::Done done, Worker::Failed failed);
  // Called in every worker before its body.
  void set_prelude(std::function<void()> prelude) { prelude_ = std::move(prelude); }
  std::size_t size() const { return working_.size(); }

 private:
  struct Working {
    explicit Working(Reaper& reaper) : hold(reaper) {}
    // Orphans are collected after all that follows the worker's end: what its result names may be
    // among them.
    Reaper::Hold hold;
    std::optional<Worker> worker;
  };
  Reaper::Hold remove(std::uint64_t number);

  EventLoop& loop_;
  Reaper& reaper_;
  std::map<std::uint64_t, Working> working_;
  std::uint64_t next_ = 1;
  std::function<void()> prelude_;
};

}  // namespace ocelot::shim
