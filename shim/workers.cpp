#include "shim/workers.hpp"

namespace ocelot::shim {
namespace {

// Also when an exception leaves.
template <typename Act>
class AtEnd {
 public:
  explicit AtEnd(Act act) : act_(std::move(act)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { act_(); }

 private:
  Act act_;
};

}  // namespace

void Workers::start(const char* name, const Worker::Body& body, Worker::Done done,
                    Worker::Failed failed) {
  const std::uint64_t number = next_++;
  reaper_.worker_begins();
  try {
    working_.try_emplace(
        number, loop_, name,
        [&] {
          if (prelude_) prelude_();
          return body();
        },
        [this, number, done = std::move(done), failed](Worker::Result result) {
          working_.erase(number);
          // Orphans are collected after: what the result names may be among them.
          const AtEnd end{[this] { reaper_.worker_ends(); }};
          try {
            done(std::move(result));
          } catch (const Error& error) {
            failed(error);
          } catch (const std::exception& error) {
            failed(Error{ErrorKind::Failed, error.what()});
          }
        },
        [this, number, failed](const Error& error) {
          working_.erase(number);
          const AtEnd end{[this] { reaper_.worker_ends(); }};
          failed(error);
        });
  } catch (...) {
    reaper_.worker_ends();
    throw;
  }
}

}  // namespace ocelot::shim
