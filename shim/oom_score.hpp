#pragma once
#include <optional>
#include <string>
#include <utility>

namespace ocelot::shim {

// /proc/self/oom_score_adj of the shim, and not of those that it starts.
class OomScore {
 public:
  static constexpr int least = -1000, most = 1000;

  // Throws Error when the kernel refuses: a value below that of the caller needs CAP_SYS_RESOURCE.
  void set(int value);
  // In a process that the shim has forked: what the shim had before.
  void restore() const;

  // For a program that goes on as the shim: what is to be restored, if anything.
  const std::optional<std::string>& before() const { return before_; }
  void keep(std::optional<std::string> before) { before_ = std::move(before); }

 private:
  std::optional<std::string> before_;
};

}  // namespace ocelot::shim
