#pragma once
#include <unistd.h>

#include <utility>

namespace ocelot {

// Owns a file descriptor. A plain `int fd` elsewhere is borrowed for the length of the call.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    const UniqueFd closed{std::exchange(fd_, other.release())};
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept { *this = UniqueFd{}; }

 private:
  int fd_ = -1;
};

}  // namespace ocelot
