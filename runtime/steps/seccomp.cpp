#include <fmt/core.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

UniqueFd load_seccomp(const SeccompProgram& program) {
  const trace::Span span{text("seccomp, and what is done under it")};
  trace::stop();  // a filter need not allow to read the clock
  const auto count = static_cast<std::uint16_t>(program.filter.size() / sizeof(sock_filter));
  const int result = sys::try_load_seccomp_filter(program.flags, count, program.filter.data());
  if (result < 0)
    sys::fail(-result, fmt::format("seccomp (flags {:#x}, {} instructions)", program.flags, count));
  return program.notify ? UniqueFd{result} : UniqueFd{};
}

}  // namespace ocelot
