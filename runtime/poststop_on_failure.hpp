#pragma once
#include "runtime/record.hpp"

namespace ocelot {

// Runs the poststop hooks of a container whose creation failed after hooks had run.
class PoststopOnFailure {
 public:
  explicit PoststopOnFailure(const Record& record) : record_(record) {}
  PoststopOnFailure(const PoststopOnFailure&) = delete;
  PoststopOnFailure& operator=(const PoststopOnFailure&) = delete;
  ~PoststopOnFailure();

  void arm() { armed_ = true; }
  void commit() { armed_ = false; }

 private:
  const Record& record_;
  bool armed_ = false;
};

}  // namespace ocelot
