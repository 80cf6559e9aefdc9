#include "cgroups/systemd/helper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/base/companion.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot::cgroups::systemd {
namespace {

constexpr const char* name = "ocelot-systemd";
// What the helper has beyond the time that it is given, to tell that this is up.
constexpr std::chrono::seconds grace{5};
constexpr int not_executed = 127;

int become_helper(int connection) {
  sys::duplicate_to(connection, STDIN_FILENO);
  sys::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  std::string own_name = name;
  char* const argv[] = {own_name.data(), nullptr};
  for (const std::string& path : companion_paths(name)) sys::execute(path.c_str(), argv, environ);
  return not_executed;
}

[[noreturn]] void fail_without_answer(const ExitStatus& status) {
  throw Error{ErrorKind::Unsupported,
              fmt::format("{} ended with {} before it answered", name, status.describe())}
      .with_hint(status.code == not_executed
                     ? fmt::format(
                           "it needs libsystemd.so.0 (Debian: libsystemd0) and is looked for as {}",
                           fmt::join(companion_paths(name), " and "))
                     : "");
}

}  // namespace

bool has_helper() {
  return std::ranges::any_of(companion_paths(name), [](const std::string& path) {
    return sys::open_if_exists(AT_FDCWD, path, O_PATH).has_value();
  });
}

Helper::Helper(const Request& request) {
  const std::string document = encode(request);
  SocketPair pair = socket_pair();
  connection_ = std::move(pair.ours);
  process_ = spawn(
      name, {}, [&] { return become_helper(pair.theirs.get()); }, [](const Error&) {});
  pair.theirs.reset();
  if (try_send_packet(connection_.get(), document) != 0) fail_without_answer(process_.wait());
  const std::chrono::milliseconds patience = request.timeout + grace;
  if (!wait_readable(connection_.get(), static_cast<int>(patience.count())))
    throw Error{ErrorKind::Failed, fmt::format("{} does not answer", name)};
  const std::string answer = receive_answer();
  Context at{text(name)};
  answer_ = decode_answer(answer);
  if (!answer_.error.empty())
    throw Error::relayed(ErrorKind::Failed, 0,
                         ContextFrame::describe_all() + printable(answer_.error),
                         printable(answer_.hint));
}

std::string Helper::receive_answer() {
  try {
    if (auto packet = receive_packet(connection_.get(), longest_document))
      return std::move(packet->bytes);
  } catch (const Error& error) {
    // So the kernel tells that it ended without having read the request.
    if (error.error_number() != ECONNRESET) throw;
  }
  fail_without_answer(process_.wait());
}

}  // namespace ocelot::cgroups::systemd
