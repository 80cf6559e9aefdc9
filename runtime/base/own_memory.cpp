#include "runtime/base/own_memory.hpp"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

// Where the program finds the functions of libc that there are several of, memcpy for one.
extern "C" const char _GLOBAL_OFFSET_TABLE_[] __attribute__((visibility("hidden")));

namespace ocelot {
namespace {

// Of the stack: what the caller and its callees need, rounded up.
constexpr std::uintptr_t below_frame = 32768, above_frame = 4096;
// Of a thread: its variables stand before its own description, which is at the thread pointer.
constexpr std::uintptr_t around_thread = 4096;
// It may begin in the middle of itself, and is not larger.
constexpr std::uintptr_t around_table = 4096;

class Kept {
 public:
  Kept(std::uintptr_t begin, std::uintptr_t end) : begin_(begin), end_(end) {}
  bool touches(std::uintptr_t page, std::uintptr_t size) const {
    return page < end_ && page + size > begin_;
  }

 private:
  std::uintptr_t begin_, end_;
};

struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  bool is_own = false;  // private, and no code
};

// A line of /proc/self/maps: "begin-end rwxp ...". man: proc_pid_maps(5)
Mapping mapping_of(std::string_view line) {
  Mapping mapping;
  const char* const last = line.data() + line.size();
  const auto begin = std::from_chars(line.data(), last, mapping.begin, 16);
  if (begin.ec != std::errc{} || begin.ptr == last) return {};
  const auto end = std::from_chars(begin.ptr + 1, last, mapping.end, 16);
  if (end.ec != std::errc{} || last - end.ptr < 5) return {};
  mapping.is_own = end.ptr[4] == 'p' && end.ptr[3] != 'x';
  return mapping;
}

}  // namespace

// Its own check of the stack would compare with what is given back.
__attribute__((no_stack_protector)) void give_back_memory() noexcept {
  if (::getauxval(AT_BASE) != 0) return;
  const std::uintptr_t page_size = ::getauxval(AT_PAGESZ);
  const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const auto thread = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  const Kept stack{frame - below_frame, frame + above_frame};
  const Kept of_thread{thread - around_thread, thread + around_thread};
  const auto table = reinterpret_cast<std::uintptr_t>(_GLOBAL_OFFSET_TABLE_);
  const Kept functions{table - around_table, table + around_table};

  std::array<char, 8192> text;
  const int file = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file == -1) return;
  std::size_t size = 0;
  for (ssize_t count; (count = ::read(file, text.data() + size, text.size() - size)) > 0;)
    size += static_cast<std::size_t>(count);
  ::close(file);
  for (std::string_view rest{text.data(), size}; !rest.empty();) {
    const std::size_t line_end = rest.find('\n');
    const Mapping mapping = mapping_of(rest.substr(0, line_end));
    rest.remove_prefix(line_end == std::string_view::npos ? rest.size() : line_end + 1);
    if (!mapping.is_own) continue;
    for (std::uintptr_t page = mapping.begin; page < mapping.end; page += page_size) {
      if (stack.touches(page, page_size) || of_thread.touches(page, page_size) ||
          functions.touches(page, page_size))
        continue;
      ::madvise(reinterpret_cast<void*>(page), page_size, MADV_DONTNEED);
    }
  }
}

}  // namespace ocelot
