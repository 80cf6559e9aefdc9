#include "shim/shim_log.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <chrono>
#include <string>

#include "runtime/base/log_text.hpp"
#include "runtime/base/rfc3339.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::shim {
namespace {

constexpr const char* file_name = "shim.log";
constexpr const char* earlier_name = "shim.log.1";
constexpr off_t max_size = 256 << 10;

std::string line(std::string_view level, std::string_view message, ShimLog::Fields fields) {
  std::string text = fmt::format(R"({{"time":"{}","level":"{}","msg":"{}")",
                                 rfc3339(std::chrono::system_clock::now()), level,
                                 log::escaped(message, log::Escapes::json));
  for (const auto& [key, value] : fields)
    text += fmt::format(R"(,"{}":"{}")", key, log::escaped(value, log::Escapes::json));
  return text + "}\n";
}

}  // namespace

void ShimLog::write(std::string_view level, std::string_view message, Fields fields) noexcept {
  if (directory_ < 0) return;
  try {
    // Opened for each line: there are few, and a descriptor held would keep a deleted file.
    const UniqueFd file = sys::open(directory_, file_name,
                                    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (sys::stat(file.get()).st_size > max_size)
      sys::rename(directory_, file_name, directory_, earlier_name);
    sys::try_write(file.get(), line(level, message, fields));
  } catch (const std::exception&) {
    // A log that cannot be written is no reason to end a container.
  }
}

}  // namespace ocelot::shim
