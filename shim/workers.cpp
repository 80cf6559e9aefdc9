#include "shim/workers.hpp"

namespace ocelot::shim {

void Workers::start(const char* name, const Worker::Body& body, Worker::Done done,
                    Worker::Failed failed) {
  const std::uint64_t number = next_++;
  const auto entry = working_.try_emplace(number, reaper_).first;
  try {
    entry->second.worker.emplace(
        loop_, name,
        [&] {
          if (prelude_) prelude_();
          return body();
        },
        [this, number, done = std::move(done), failed](Worker::Result result) {
          const Reaper::Hold hold = remove(number);
          try {
            done(std::move(result));
          } catch (const std::exception& error) {
            failed(Error::from(error));
          }
        },
        [this, number, failed](const Error& error) {
          const Reaper::Hold hold = remove(number);
          failed(error);
        });
  } catch (...) {
    working_.erase(entry);
    throw;
  }
}

Reaper::Hold Workers::remove(std::uint64_t number) {
  auto entry = working_.extract(number);
  return std::move(entry.mapped().hold);
}

}  // namespace ocelot::shim
