#include "shim/workers.hpp"

namespace ocelot::shim {

void Workers::start(const char* name, const Worker::Body& body, Worker::Done done,
                    Worker::Failed failed) {
  const std::uint64_t number = next_++;
  reaper_.worker_begins();
  try {
    working_.try_emplace(
        number, loop_, name, body,
        [this, number, done = std::move(done)](Worker::Result result) {
          // Before orphans are collected: what the result names may be among them.
          working_.erase(number);
          done(std::move(result));
          reaper_.worker_ends();
        },
        [this, number, failed = std::move(failed)](const Error& error) {
          working_.erase(number);
          failed(error);
          reaper_.worker_ends();
        });
  } catch (...) {
    reaper_.worker_ends();
    throw;
  }
}

}  // namespace ocelot::shim
