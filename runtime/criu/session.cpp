#include "runtime/criu/session.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "runtime/base/default_path.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/criu/log.hpp"

namespace ocelot::criu {
namespace {

constexpr std::size_t longest_answer = 64u << 10;
constexpr int end_of_criu_ms = 10'000;

int become_criu(const std::string& path, int socket, int output, const std::vector<int>& kept) {
  sys::reset_signal_handlers();
  sys::unblock_all_signals();
  sys::use_null_device_as(STDIN_FILENO);
  sys::duplicate_to(output, STDOUT_FILENO);
  sys::duplicate_to(output, STDERR_FILENO);
  sys::close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  sys::set_close_on_exec(socket, false);
  for (const int fd : kept) sys::set_close_on_exec(fd, false);
  std::string name = "criu", command = "swrk", number = fmt::format("{}", socket);
  char* const arguments[] = {name.data(), command.data(), number.data(), nullptr};
  sys::fail(sys::execute(path.c_str(), arguments, ::environ), "exec " + path);
}

[[noreturn]] void fail(const Answer& answer, const Log& log) {
  // Its log also tells of what it found out about the kernel and can do without.
  std::string errors = printable(trim(answer.error_text));
  if (errors.empty()) errors = errors_in_file(log.directory, log.name);
  const std::string advice = hint_for(errors);
  throw Error{ErrorKind::Failed,
              fmt::format("criu failed: type {} errno {}{}{}", to_string(answer.type),
                          answer.error_number, errors.empty() ? "" : ": ", errors),
              answer.error_number}
      .with_hint(fmt::format("{}{}criu's log is {}", advice, advice.empty() ? "" : "; ", log.path));
}

std::string program() {
  std::string path = find_program();
  if (path.empty())
    throw Error{ErrorKind::Unsupported, "criu: executable file not found in $PATH"}.with_hint(
        "install criu, which does the work");
  return path;
}

}  // namespace

std::string find_program() {
  const char* path = std::getenv("PATH");
  for (const std::string_view directory : split(path == nullptr ? default_path : path, ':')) {
    std::string file = fmt::format("{}/criu", directory.empty() ? "." : directory);
    if (sys::try_access(file, X_OK) == 0) return file;
  }
  return {};
}

Session::Session(const std::vector<int>& kept, int cgroup, std::function<void()> prepare)
    : output_(sys::memfd("criu")) {
  const std::string path = program();
  SocketPair birth = socket_pair();
  process_ = spawn(
      "ocelot:[CRIU]", {.cgroup = cgroup},
      [&] {
        birth.ours.reset();
        prepare();
        // criu looks for directories among the descriptors of whoever has made its socket: itself,
        // in whatever mount namespace it is.
        SocketPair conversation = socket_pair();
        const int fds[] = {conversation.theirs.get()};
        send_packet(birth.theirs.get(), "socket", fds);
        return become_criu(path, conversation.ours.get(), output_.get(), kept);
      },
      [&](const Error& error) { sys::try_write(output_.get(), error.what()); });
  birth.theirs.reset();
  auto packet = receive_packet(birth.ours.get(), longest_answer);
  if (!packet || packet->fds.size() != 1) fail_ended();
  socket_ = std::move(packet->fds.front());
  const Answer version = ask(encode_version_request());
  if (!version.success || version.major < 3) {
    throw Error{ErrorKind::Unsupported,
                fmt::format("criu {}.{} is too old", version.major, version.minor)}
        .with_hint("install criu 3.0 or newer");
  }
}

Session::~Session() {
  socket_.reset();
  if (process_) wait_readable(process_.pidfd(), end_of_criu_ms);
}

Features Session::features(const Features& wanted) {
  return ask(encode_feature_check(wanted)).features;
}

Answer Session::carry_out(Type type, const Options& options, const Log& log,
                          const Notified& notified) {
  std::string request = encode_request(type, options);
  for (;;) {
    send(request);
    std::vector<UniqueFd> fds;
    Answer answer = receive(fds);
    if (answer.type == Type::notify) {
      notified({std::move(answer.script), answer.script_pid, std::move(fds)});
      request = encode_notified();
      continue;
    }
    if (answer.success && answer.type == type) return answer;
    fail(answer, log);
  }
}

// Why it does not arrive, what is received instead tells.
void Session::send(const std::string& request) {
  try_send_packet(socket_.get(), request);
}

Answer Session::receive(std::vector<UniqueFd>& fds) {
  auto packet = receive_packet(socket_.get(), longest_answer);
  if (!packet) fail_ended();
  fds = std::move(packet->fds);
  return decode_answer(packet->bytes);
}

void Session::fail_ended() {
  const ExitStatus status = process_.wait();
  sys::seek(output_.get(), 0);
  const std::string words = printable(trim(sys::read_all(output_.get())));
  throw Error{ErrorKind::Failed, fmt::format("criu ended with {}{}{}", status.describe(),
                                             words.empty() ? "" : ": ", words)};
}

Answer Session::ask(const std::string& request) {
  send(request);
  std::vector<UniqueFd> none;
  return receive(none);
}

}  // namespace ocelot::criu
