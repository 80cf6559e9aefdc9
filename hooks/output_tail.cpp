#include "hooks/output_tail.hpp"

#include <fmt/core.h>

#include <array>
#include <cerrno>

#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::hooks {
namespace {

constexpr std::size_t kept = 2048;

}  // namespace

OutputTail::OutputTail(UniqueFd read_end) : read_end_(std::move(read_end)) {
  sys::set_nonblocking(read_end_.get(), true);
}

void OutputTail::read() {
  std::array<char, 65536> chunk;
  for (int turn = 0; turn < 16 && read_end_; ++turn) {
    const ssize_t count = sys::try_read(read_end_.get(), chunk);
    if (count == -EAGAIN) return;
    if (count < 0) sys::fail(static_cast<int>(-count), "read the hook's output");
    if (count == 0) return read_end_.reset();
    tail_.append(chunk.data(), static_cast<std::size_t>(count));
    if (tail_.size() > kept) {
      tail_.erase(0, tail_.size() - kept);
      cut_ = true;
    }
  }
}

std::string OutputTail::describe() const {
  const std::string_view text = trim(tail_);
  if (text.empty()) return "";
  return fmt::format(", output: {}{}", cut_ ? "... " : "", printable(text));
}

}  // namespace ocelot::hooks
