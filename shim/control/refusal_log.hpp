#pragma once
#include <chrono>
#include <functional>
#include <string_view>

#include "shim/control/packet_socket.hpp"

namespace ocelot::control {

// Tells of refusals, so that an operator sees them and a hostile peer cannot fill the log: at most
// `lines` in a `period`, then how many there were beside those. Texts of a peer come out escaped,
// on one line.
class RefusalLog {
 public:
  using Clock = std::chrono::steady_clock;
  using Write = std::function<void(std::string_view line)>;

  explicit RefusalLog(Write write, unsigned lines = 10,
                      Clock::duration period = std::chrono::minutes{1})
      : write_(std::move(write)), lines_(lines), period_(period) {}

  void tell(const Credentials& peer, std::string_view what, Clock::time_point now);

 private:
  Write write_;
  unsigned lines_;
  Clock::duration period_;
  Clock::time_point begin_{};
  unsigned written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace ocelot::control
