#pragma once
#include <string>

#include "runtime/base/fd.hpp"

namespace ocelot::hooks {

// The last that was written to a pipe, however much it was.
class OutputTail {
 public:
  // `read_end` becomes non-blocking.
  explicit OutputTail(UniqueFd read_end);

  // -1 after end of file.
  int fd() const { return read_end_.get(); }
  // Reads what is there now, at most 1 MiB: a writer that never rests does not keep the caller from
  // its deadline.
  void read();

  // ", output: ..." on one line, control bytes as \xNN; empty when nothing was written.
  std::string describe() const;

 private:
  UniqueFd read_end_;
  std::string tail_;
  bool cut_ = false;
};

}  // namespace ocelot::hooks
