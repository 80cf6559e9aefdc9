#include "runtime/channel.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/mount_sources.hpp"

namespace ocelot {
namespace {

// The fixed part of a packet; the texts of a failure follow it.
struct Header {
  Step step{};
  std::int64_t number = 0;
  ErrorKind kind{};
  int error_number = 0;
  std::uint32_t text_size = 0, hint_size = 0;
};

constexpr std::size_t max_text = 16384;
static_assert(sizeof(Header) + 2 * max_text <= most_packet_bytes);
constexpr std::int64_t text_lacks_errno = 1;

std::string pack(const Header& header, std::string_view text = {}, std::string_view hint = {}) {
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes.append(text).append(hint);
}

struct Unpacked {
  Header header;
  std::string text, hint;
  std::vector<UniqueFd> fds;
};

std::optional<Unpacked> receive_unpacked(int socket) {
  auto packet = receive_packet(socket, sizeof(Header) + 2 * max_text);
  if (!packet) return std::nullopt;
  Unpacked result;
  if (packet->bytes.size() < sizeof result.header)
    throw Error{ErrorKind::Failed, "malformed packet from the container's process"};
  std::memcpy(&result.header, packet->bytes.data(), sizeof result.header);
  if (packet->bytes.size() !=
      sizeof result.header + result.header.text_size + result.header.hint_size) {
    throw Error{ErrorKind::Failed, "malformed packet from the container's process"};
  }
  result.text = packet->bytes.substr(sizeof result.header, result.header.text_size);
  result.hint = packet->bytes.substr(sizeof result.header + result.header.text_size);
  result.fds = std::move(packet->fds);
  return result;
}

void throw_if_failed(const Unpacked& request) {
  if (request.header.step != Step::failed) return;
  // A prepared failure, of execve, has no text for its errno yet.
  if (request.header.number == text_lacks_errno)
    throw Error::relayed(request.header.kind, request.header.error_number,
                         fmt::format("{}: {}", request.text, reason(request.header.error_number)),
                         request.hint);
  throw Error::relayed(request.header.kind, request.header.error_number, request.text,
                       request.hint);
}

}  // namespace

std::vector<Step> stage_conversation(const Plan& plan) {
  std::vector<Step> steps;
  if (plan.namespaces.new_user) steps.push_back(Step::map_ids);
  if (plan.namespaces.new_time && !plan.namespaces.time_offsets.empty())
    steps.push_back(Step::set_time_offsets);
  steps.push_back(Step::init_started);
  return steps;
}

std::vector<Step> init_conversation(const Plan& plan) {
  // What is open at the start is enough for the first of the bind mounts.
  const std::size_t binds = plan.rootfs.sources_opened_by == SourcesOpenedBy::runtime
                                ? static_cast<std::size_t>(std::ranges::count_if(
                                      plan.rootfs.mounts, &MountStep::made_outside))
                                : 0;
  std::vector<Step> steps(binds == 0 ? 0 : (binds - 1) / binds_at_once, Step::open_binds);
  if (plan.has_create_hooks()) steps.push_back(Step::run_hooks);
  if (plan.process.stdio == Stdio::terminal) steps.push_back(Step::console);
  if (plan.process.limits_by_runtime) steps.push_back(Step::set_limits);
  steps.push_back(Step::ready);
  return steps;
}

std::vector<Step> exec_conversation(const ExecPlan& plan) {
  std::vector<Step> steps;
  if (plan.seccomp && plan.seccomp->notify) steps.push_back(Step::pid_on_host);
  if (plan.process.stdio == Stdio::terminal) steps.push_back(Step::console);
  if (plan.process.limits_by_runtime) steps.push_back(Step::set_limits);
  steps.push_back(Step::ready);
  return steps;
}

Message Channel::ask(Step step, std::int64_t number, std::span<const int> fds) const {
  if (try_send_packet(socket_.get(), pack({.step = step, .number = number}), fds) != 0)
    sys::exit(1);
  auto answer = receive_unpacked(socket_.get());
  if (!answer) sys::exit(1);
  return {answer->header.step, answer->header.number, std::move(answer->fds)};
}

void Channel::tell(Step step) const noexcept {
  try_send_packet(socket_.get(), pack({.step = step}));
}

void Channel::tell(Step step, std::int64_t number, std::span<const int> fds) const {
  send_packet(socket_.get(), pack({.step = step, .number = number}), fds);
}

void Channel::tell_failure(const Error& error) const noexcept {
  const std::string_view text = std::string_view(error.what()).substr(0, max_text);
  const std::string_view hint = std::string_view(error.hint()).substr(0, max_text);
  const Header header{.step = Step::failed,
                      .kind = error.kind(),
                      .error_number = error.error_number(),
                      .text_size = static_cast<std::uint32_t>(text.size()),
                      .hint_size = static_cast<std::uint32_t>(hint.size())};
  try_send_packet(socket_.get(), pack(header, text, hint));
}

std::optional<Message> Channel::receive(Step expected) const {
  auto request = receive_unpacked(socket_.get());
  if (!request) return std::nullopt;
  throw_if_failed(*request);
  if (request->header.step != expected) {
    throw Error{ErrorKind::Failed,
                fmt::format("the container's process asked for step {} instead of {}",
                            static_cast<int>(request->header.step), static_cast<int>(expected))};
  }
  return Message{request->header.step, request->header.number, std::move(request->fds)};
}

void Channel::receive_end() const {
  if (const auto request = receive_unpacked(socket_.get())) throw_if_failed(*request);
}

bool Channel::wait_to_proceed() const {
  const auto request = receive_unpacked(socket_.get());
  return request && request->header.step == Step::proceed;
}

PreparedFailure::PreparedFailure(std::string_view text)
    : packet_(pack({.step = Step::failed,
                    .number = text_lacks_errno,
                    .kind = ErrorKind::InvalidSpec,
                    .text_size = static_cast<std::uint32_t>(text.size())},
                   text)) {}

void PreparedFailure::tell(int socket, int error_number) noexcept {
  std::memcpy(packet_.data() + offsetof(Header, error_number), &error_number, sizeof error_number);
  try_send_packet(socket, packet_);
}

void Channel::proceed(std::int64_t number, std::span<const int> fds) const {
  send_packet(socket_.get(), pack({.step = Step::proceed, .number = number}), fds);
}

}  // namespace ocelot
