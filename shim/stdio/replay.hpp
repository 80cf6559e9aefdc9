#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "shim/stdio/stream.hpp"

namespace ocelot::shim {

// The last output of a process, for those who attach later. A ring: its memory is got at the first
// byte and never grows. Each run of bytes of one stream takes three more, so that a little less
// than `capacity` is remembered.
class Replay {
 public:
  static constexpr std::size_t default_capacity = 16384;
  static constexpr std::size_t largest_capacity = 1 << 20;

  // In bytes; 0: remembers nothing, more than the largest is cut to it.
  explicit Replay(std::size_t capacity);

  void add(Stream stream, std::string_view bytes);
  // What is remembered of one stream, oldest first.
  void read(Stream stream, const std::function<void(std::string_view bytes)>& sink) const;
  std::size_t size(Stream stream) const;

 private:
  struct Run {
    Stream stream;
    std::size_t size;
  };

  void add_run(Stream stream, std::string_view bytes);
  void forget(std::size_t bytes);
  void copy_in(std::size_t at, std::string_view bytes);
  Run run_at(std::size_t at) const;
  void put_run(std::size_t at, const Run& run);
  std::size_t wrap(std::size_t position) const { return position % capacity_; }

  const std::size_t capacity_;
  std::string ring_;
  std::size_t begin_ = 0, used_ = 0;
  std::size_t last_run_ = 0;  // where the newest run begins
};

}  // namespace ocelot::shim
