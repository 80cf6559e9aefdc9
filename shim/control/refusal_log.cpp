#include "shim/control/refusal_log.hpp"

#include <fmt/core.h>

#include "runtime/base/log_text.hpp"

namespace ocelot::control {

void RefusalLog::tell(const Credentials& peer, std::string_view what, Clock::time_point now) {
  if (!write_) return;
  if (written_ == 0 || now - begin_ >= period_) {
    begin_ = now;
    written_ = 0;
    if (left_out_ != 0)
      write_(fmt::format("control socket: {} more refusals were not logged", left_out_));
    left_out_ = 0;
  }
  if (written_ == lines_) {
    ++left_out_;
    return;
  }
  ++written_;
  write_(fmt::format("control socket: refused pid {}, uid {}, gid {}: {}", peer.pid, peer.uid,
                     peer.gid, log::escaped(what, log::Escapes::plain)));
}

}  // namespace ocelot::control
