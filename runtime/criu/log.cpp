#include "runtime/criu/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <vector>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::criu {
namespace {

// The first is the cause; the last ones only tell who gave up because of it.
constexpr std::size_t most_errors = 3;
constexpr std::size_t largest_log = 64u << 20;

struct Advice {
  std::string_view words, hint;
};
constexpr std::array advice{
    Advice{"vdso", "this criu does not know this kernel: install a newer one"},
    Advice{"kerndat", "this criu does not know this kernel: install a newer one"},
    Advice{
        "Can't lookup mount",
        "a process has a file open that lies outside of the container: its standard streams must "
        "be pipes, sockets or a terminal"},
    Advice{"tcp-established", "allow open TCP connections with --tcp-established"},
    Advice{"file locks", "allow file locks with --file-locks"},
    Advice{"External socket", "allow Unix sockets to the outside with --ext-unix-sk"},
    Advice{"shell-job", "allow a terminal from outside with --shell-job"},
    Advice{"link-remap", "allow files that were deleted with --link-remap"},
    Advice{"iptables",
           "install iptables, which criu locks the network with, or see --network-lock"},
    Advice{"tmpfs content", "install tar, which criu keeps the files of a tmpfs with"},
};

}  // namespace

std::string errors_in(std::string_view log) {
  std::vector<std::string> errors;
  for (const std::string_view line : split(log, '\n')) {
    const std::size_t begin = line.find("Error (");
    if (begin == std::string_view::npos) continue;
    std::string error = printable(trim(line.substr(begin)));
    if (std::ranges::find(errors, error) == errors.end()) errors.push_back(std::move(error));
    if (errors.size() == most_errors) break;
  }
  std::string text;
  for (const std::string& error : errors) {
    if (!text.empty()) text += "; ";
    text += error;
  }
  return text;
}

std::string hint_for(std::string_view errors) {
  const auto known = std::ranges::find_if(
      advice, [errors](const Advice& entry) { return errors.find(entry.words) != errors.npos; });
  return known == advice.end() ? std::string{} : std::string(known->hint);
}

std::string errors_in_file(int directory, const std::string& name) {
  int error_number = 0;
  const UniqueFd file =
      sys::try_openat2(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, error_number);
  if (!file || !S_ISREG(sys::stat(file.get()).st_mode)) return {};
  return errors_in(sys::read_all(file.get(), largest_log));
}

}  // namespace ocelot::criu
