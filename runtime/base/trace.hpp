#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>

// The timeline of --trace: what the processes of one operation did, and when.
//
// They are related by fork and write into memory that they share, so nothing has to be sent, a
// process that is killed leaves what it had written, and only the one that began has the file. The
// time is CLOCK_REALTIME's, the only clock that no time namespace shifts: man: time_namespaces(7)
namespace ocelot::trace {

struct Memory;
struct Event;

inline Memory* memory = nullptr;  // null: this process records nothing

// Null when there is no room for it.
Event* begin_step(std::string_view name) noexcept;
void end_step(Event* event) noexcept;
// A point in time: something failed.
void failure(std::string_view text) noexcept;
// This process records no more; what it is in the middle of goes on until the recording's end.
void stop() noexcept;

// A step, from here to the end of the scope; `describe` names it and is called only when somebody
// records.
class Span {
 public:
  template <typename Describe>
  explicit Span(const Describe& describe)
      : event_(memory != nullptr ? begin_step(describe()) : nullptr) {}
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span() {
    if (event_ != nullptr) end_step(event_);
  }

 private:
  Event* event_;
};

// A process that is about to be forked.
class NewProcess {
 public:
  explicit NewProcess(const char* name) noexcept : number_(memory != nullptr ? add(name) : 0) {}
  // Its maker, which may know it by another id than itself.
  void has_id(pid_t pid) const noexcept {
    if (number_ != 0) set_id(number_, pid);
  }
  // The process itself: what it does is recorded as its own.
  void enter() const noexcept {
    if (memory != nullptr) enter(number_);
  }

 private:
  static unsigned add(const char* name) noexcept;
  static void set_id(unsigned number, pid_t pid) noexcept;
  static void enter(unsigned number) noexcept;

  unsigned number_;  // 0: there was no room for it
};

// Records until it is finished, or its scope ends; one at a time. Then `path` holds the timeline in
// the trace event format, which Perfetto and chrome://tracing show, also when what was recorded
// failed. With an empty `path` nothing is recorded.
//
// Throws Error when `path` cannot be opened. That it cannot be written is a warning.
class Recording {
 public:
  explicit Recording(const std::string& path);
  ~Recording() { finish(); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  void finish() noexcept;
};

}  // namespace ocelot::trace
