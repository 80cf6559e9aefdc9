#include "shim/stdio/replay.hpp"

#include <algorithm>

namespace ocelot::shim {
namespace {

// Of a run: its stream, and its size in two bytes.
constexpr std::size_t header = 3;
constexpr std::size_t longest_run = 0xffff;

}  // namespace

Replay::Replay(std::size_t capacity) : capacity_(std::min(capacity, largest_capacity)) {}

void Replay::add(Stream stream, std::string_view bytes) {
  if (capacity_ <= header || bytes.empty()) return;
  if (ring_.empty()) ring_.resize(capacity_);
  // What does not fit would only push itself out.
  const std::size_t most = capacity_ - header;
  if (bytes.size() > most) bytes.remove_prefix(bytes.size() - most);
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), longest_run);
    add_run(stream, bytes.substr(0, count));
    bytes.remove_prefix(count);
  }
}

void Replay::add_run(Stream stream, std::string_view bytes) {
  if (used_ > 0) {
    const Run last = run_at(last_run_);
    const bool has_room = last.size + bytes.size() + header <= std::min(longest_run, capacity_);
    if (last.stream == stream && has_room) {
      forget(bytes.size());
      if (used_ > 0) {
        const Run kept = run_at(last_run_);
        copy_in(wrap(begin_ + used_), bytes);
        used_ += bytes.size();
        return put_run(last_run_, {stream, kept.size + bytes.size()});
      }
    }
  }
  forget(header + bytes.size());
  last_run_ = wrap(begin_ + used_);
  put_run(last_run_, {stream, bytes.size()});
  copy_in(wrap(last_run_ + header), bytes);
  used_ += header + bytes.size();
}

// Makes room for `bytes`, at the cost of the oldest.
void Replay::forget(std::size_t bytes) {
  while (capacity_ - used_ < bytes) {
    const std::size_t missing = bytes - (capacity_ - used_);
    const Run oldest = run_at(begin_);
    if (oldest.size <= missing) {
      begin_ = wrap(begin_ + header + oldest.size);
      used_ -= header + oldest.size;
      continue;
    }
    if (last_run_ == begin_) last_run_ = wrap(begin_ + missing);
    begin_ = wrap(begin_ + missing);
    used_ -= missing;
    put_run(begin_, {oldest.stream, oldest.size - missing});
  }
}

void Replay::copy_in(std::size_t at, std::string_view bytes) {
  const std::size_t first = std::min(bytes.size(), capacity_ - at);
  ring_.replace(at, first, bytes.substr(0, first));
  ring_.replace(0, bytes.size() - first, bytes.substr(first));
}

Replay::Run Replay::run_at(std::size_t at) const {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(ring_[wrap(at + i)]));
  };
  return {byte(0) == 0 ? Stream::output : Stream::error, byte(1) | byte(2) << 8};
}

void Replay::put_run(std::size_t at, const Run& run) {
  ring_[at] = static_cast<char>(index(run.stream));
  ring_[wrap(at + 1)] = static_cast<char>(run.size & 0xff);
  ring_[wrap(at + 2)] = static_cast<char>(run.size >> 8);
}

void Replay::read(Stream stream, const std::function<void(std::string_view)>& sink) const {
  for (std::size_t passed = 0; passed < used_;) {
    const std::size_t at = wrap(begin_ + passed);
    const Run run = run_at(at);
    passed += header + run.size;
    if (run.stream != stream) continue;
    const std::size_t data = wrap(at + header);
    const std::size_t first = std::min(run.size, capacity_ - data);
    sink(std::string_view{ring_}.substr(data, first));
    if (first < run.size) sink(std::string_view{ring_}.substr(0, run.size - first));
  }
}

std::size_t Replay::size(Stream stream) const {
  std::size_t total = 0;
  read(stream, [&](std::string_view bytes) { total += bytes.size(); });
  return total;
}

}  // namespace ocelot::shim
