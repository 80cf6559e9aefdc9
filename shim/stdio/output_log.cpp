#include "shim/stdio/output_log.hpp"

#include <fmt/core.h>

namespace ocelot::shim {
namespace {

// Written at once; small enough to stay in the cache.
constexpr std::size_t batch_size = 16384;
// A process that writes less at once is not in a hurry: no memory is held until it does.
constexpr std::size_t light_load = 4096;

}  // namespace

LogCounters& LogCounters::operator+=(const LogCounters& later) {
  records += later.records;
  written_bytes += later.written_bytes;
  dropped_lines += later.dropped_lines;
  dropped_bytes += later.dropped_bytes;
  errors += later.errors;
  rotations += later.rotations;
  if (later.last_error != 0) last_error = later.last_error;
  return *this;
}

OutputLog::Moment OutputLog::Moment::now() {
  return {std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()),
          std::chrono::steady_clock::now()};
}

OutputLog::OutputLog(const LogOptions& options)
    : format_(options.format),
      over_rate_(options.over_rate),
      file_(options.file),
      limit_(options.rate, options.burst) {}

LineSplitter::Sink OutputLog::sink(Stream stream, const Moment& now) {
  return [this, stream, &now](std::string_view text, Ending ending) {
    take(stream, text, ending, now);
  };
}

std::chrono::milliseconds OutputLog::add(Stream stream, std::string_view bytes, const Moment& now) {
  stamp_ = timestamp(now.wall);
  streams_[index(stream)].lines.add(bytes, sink(stream, now));
  write_batch(now.steady);
  if (bytes.size() < light_load || batch_.capacity() > 4 * batch_size) std::string{}.swap(batch_);
  return over_rate_ == OverRate::hold ? limit_.wait(now.steady) : std::chrono::milliseconds{0};
}

bool OutputLog::unfinished() const {
  return streams_[0].lines.unfinished() || streams_[1].lines.unfinished();
}

void OutputLog::flush(const Moment& now) {
  stamp_ = timestamp(now.wall);
  for (const Stream stream : {Stream::output, Stream::error})
    streams_[index(stream)].lines.flush(sink(stream, now));
  write_batch(now.steady);
}

void OutputLog::end(Stream stream, const Moment& now) {
  stamp_ = timestamp(now.wall);
  streams_[index(stream)].lines.end(sink(stream, now));
  file_.retry();
  if (dropped_lines_ != told_lines_ && !streams_[index(stream)].open_in_file) tell_dropped(stream);
  write_batch(now.steady);
}

void OutputLog::reopen() {
  file_.reopen();
}

void OutputLog::take(Stream stream, std::string_view text, Ending ending, const Moment& now) {
  StreamState& state = streams_[index(stream)];
  const bool begins = !state.within_line;
  state.within_line = ending == Ending::partial;
  if (begins) state.dropping = false;
  const std::size_t size = text.size() + (ending == Ending::full ? 1 : 0);
  if (over_rate_ == OverRate::hold) {
    limit_.owe(size, now.steady);
  } else if (state.dropping || !limit_.take(size, now.steady)) {
    return drop(state, text, ending);
  }
  // The line before was cut: readers would join it with this one.
  if (begins && state.open_in_file) put(stream, {}, Ending::full);
  if (begins && dropped_lines_ != told_lines_) tell_dropped(stream);
  put(stream, text, ending);
  if (ending == Ending::full) ++batch_lines_;
  batch_bytes_ += size;
  if (batch_.size() >= batch_size) write_batch(now.steady);
}

void OutputLog::put(Stream stream, std::string_view text, Ending ending) {
  append_record(batch_, format_, stream, stamp_, text, ending);
  streams_[index(stream)].open_in_file = ending == Ending::partial;
  ++records_;
}

void OutputLog::drop(StreamState& state, std::string_view text, Ending ending) {
  state.dropping = true;
  if (ending == Ending::full) ++dropped_lines_;
  dropped_bytes_ += text.size() + (ending == Ending::full ? 1 : 0);
}

void OutputLog::tell_dropped(Stream stream) {
  put(stream,
      fmt::format("[ocelot: {} lines ({} bytes) dropped here]", dropped_lines_ - told_lines_,
                  dropped_bytes_ - told_bytes_),
      Ending::full);
  told_lines_ = dropped_lines_;
  told_bytes_ = dropped_bytes_;
}

void OutputLog::begin_batch() {
  batch_.clear();
  batch_lines_ = batch_bytes_ = 0;
  batch_start_ = {
      {streams_[0].open_in_file, streams_[1].open_in_file}, records_, told_lines_, told_bytes_};
}

void OutputLog::write_batch(Time now) {
  if (batch_.empty()) return;
  if (!file_.append(batch_, now)) {
    dropped_lines_ += batch_lines_;
    dropped_bytes_ += batch_bytes_;
    records_ = batch_start_.records;
    told_lines_ = batch_start_.told_lines;
    told_bytes_ = batch_start_.told_bytes;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      streams_[i].open_in_file = batch_start_.open_in_file[i];
      streams_[i].dropping = streams_[i].within_line;
    }
  }
  begin_batch();
}

LogCounters OutputLog::counters() const {
  return {.records = records_,
          .written_bytes = file_.written_bytes(),
          .dropped_lines = dropped_lines_,
          .dropped_bytes = dropped_bytes_,
          .errors = file_.errors(),
          .rotations = file_.rotations(),
          .last_error = file_.last_error()};
}

}  // namespace ocelot::shim
