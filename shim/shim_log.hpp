#pragma once
#include <initializer_list>
#include <string_view>
#include <utility>

namespace ocelot::shim {

// What the shim has to tell of itself: `shim.log` in the container's state directory, one JSON
// object a line (keys time, level, msg, then those given), values escaped. At 256 KiB the file
// starts anew, and the earlier one is kept as shim.log.1. A disk that is full loses lines, never
// anything else.
class ShimLog {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // `directory` is borrowed.
  void open(int directory) { directory_ = directory; }
  void info(std::string_view message, Fields fields = {}) noexcept {
    write("info", message, fields);
  }
  void warning(std::string_view message, Fields fields = {}) noexcept {
    write("warning", message, fields);
  }

 private:
  void write(std::string_view level, std::string_view message, Fields fields) noexcept;
  int directory_ = -1;
};

}  // namespace ocelot::shim
