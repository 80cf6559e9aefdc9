#include "runtime/base/trace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <span>
#include <tuple>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/log_text.hpp"
#include "runtime/base/rfc3339.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::trace {

enum class Kind : std::uint32_t { none, span, failure };

// What another process of the operation has written is believed no more than it has to be: texts
// end where their room does, and numbers are compared with what there is.
//
// The kernel gives it zeroed, a page when it is first used: nothing here has an initializer.
struct Event {
  std::int64_t began, ended;  // nanoseconds since 1970; ended is 0 in the middle of it
  std::uint32_t process;
  Kind kind;
  std::array<char, 488> name;
};

struct Process {
  pid_t pid;
  std::array<char, 28> name;
};

struct Memory {
  std::uint32_t processes, events;  // how many were asked for
  std::array<Process, 256> process;
  std::array<Event, 4096> event;
};

namespace {

std::uint32_t current = 0;  // of Memory::process
UniqueFd file;

std::int64_t now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds{time}.count();
}

template <std::size_t room>
void copy(std::string_view text, std::array<char, room>& to) {
  std::copy_n(text.data(), std::min(text.size(), room), to.data());
}

template <std::size_t room>
std::string quoted(const std::array<char, room>& text) {
  return log::escaped({text.data(), ::strnlen(text.data(), room)}, log::Escapes::json);
}

Event* add(Kind kind, std::string_view name) {
  const std::uint32_t number = std::atomic_ref{memory->events}.fetch_add(1);
  if (number >= memory->event.size()) return nullptr;
  Event& event = memory->event.at(number);
  event.process = current;
  copy(name, event.name);
  event.began = now();
  event.kind = kind;
  return &event;
}

double microseconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

class Document {
 public:
  explicit Document(const Memory& recorded)
      : recorded_(recorded), start_(recorded.event.front().began), end_(now()) {}

  std::string text() {
    const std::size_t asked = recorded_.events, held = recorded_.event.size();
    const auto events = std::span{recorded_.event}.first(std::min(asked, held));
    std::array<bool, std::tuple_size_v<decltype(Memory::process)>> named{};
    for (const Event& event : events) {
      if (event.kind == Kind::none || event.process >= named.size()) continue;
      if (!std::exchange(named.at(event.process), true)) add_name(process_of(event));
      add(event);
    }
    const std::string began = rfc3339(std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::nanoseconds{start_})});
    return fmt::format(R"({{"otherData":{{"began":"{}","not recorded":{}}},"traceEvents":[{}]}})"
                       "\n",
                       began, asked - events.size(), events_);
  }

 private:
  const Process& process_of(const Event& event) const {
    return recorded_.process.at(event.process);
  }

  void add_name(const Process& process) {
    append(R"({{"name":"process_name","ph":"M","pid":{0},"tid":{0},"args":{{"name":"{1}"}}}})",
           process.pid, quoted(process.name));
  }

  void add(const Event& event) {
    const pid_t pid = process_of(event).pid;
    const double began = microseconds(event.began - start_);
    if (event.kind == Kind::failure) {
      append(R"({{"name":"{0}","cat":"error","ph":"i","s":"p","ts":{1:.3f},"pid":{2},"tid":{2}}})",
             quoted(event.name), began, pid);
    } else {
      const std::int64_t ended = event.ended == 0 ? end_ : event.ended;
      append(
          R"({{"name":"{0}","cat":"step","ph":"X","ts":{1:.3f},"dur":{2:.3f},"pid":{3},"tid":{3}}})",
          quoted(event.name), began, microseconds(std::max<std::int64_t>(ended - event.began, 0)),
          pid);
    }
  }

  template <typename... Values>
  void append(fmt::format_string<Values...> format, Values&&... values) {
    if (!events_.empty()) events_ += ",\n";
    fmt::format_to(std::back_inserter(events_), format, std::forward<Values>(values)...);
  }

  const Memory& recorded_;
  const std::int64_t start_, end_;
  std::string events_;
};

}  // namespace

Event* begin_step(std::string_view name) noexcept {
  return add(Kind::span, name);
}

void end_step(Event* event) noexcept {
  if (memory != nullptr) event->ended = now();
}

void failure(std::string_view text) noexcept {
  if (memory == nullptr) return;
  // Its end tells what went wrong.
  constexpr std::size_t room = std::tuple_size_v<decltype(Event::name)>;
  add(Kind::failure, text.substr(text.size() - std::min(text.size(), room)));
}

void stop() noexcept {
  memory = nullptr;
}

unsigned NewProcess::add(const char* name) noexcept {
  const std::uint32_t number = std::atomic_ref{memory->processes}.fetch_add(1) + 1;
  if (number >= memory->process.size()) return 0;
  copy(name, memory->process.at(number).name);
  return number;
}

void NewProcess::set_id(unsigned number, pid_t pid) noexcept {
  memory->process.at(number).pid = pid;
}

void NewProcess::enter(unsigned number) noexcept {
  file.reset();  // what enters a container has no descriptor of the host's file
  current = number;
  if (number == 0) stop();
}

Recording::Recording(const std::string& path) {
  if (path.empty()) return;
  const Context at{[&] { return "--trace " + path; }};
  // Not kept waiting by a FIFO that nobody reads.
  UniqueFd opened =
      sys::open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (!S_ISREG(sys::stat(opened.get()).st_mode))
    throw Error{ErrorKind::InvalidArgument, "is no regular file"}.with_hint(
        "name a file that may be overwritten");
  auto* const shared = static_cast<Memory*>(sys::share_memory(sizeof(Memory)));
  shared->process.front().pid = sys::process_id();
  copy("ocelot", shared->process.front().name);
  file = std::move(opened);
  memory = shared;
}

void Recording::finish() noexcept {
  if (memory == nullptr || !file) return;
  const Memory& recorded = *memory;
  stop();
  try {
    sys::write_all(file.get(), Document{recorded}.text());
  } catch (const std::exception& error) {
    log::warning(fmt::format("--trace: {}", error.what()));
  }
  file.reset();
  sys::give_back_memory(const_cast<Memory*>(&recorded), sizeof recorded);
}

}  // namespace ocelot::trace
