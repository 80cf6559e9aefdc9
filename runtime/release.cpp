#include "runtime/release.hpp"

#include "hooks/hooks.hpp"
#include "runtime/base/error.hpp"
#include "runtime/destroy.hpp"
#include "runtime/start_socket.hpp"

namespace ocelot {
namespace {

void refuse(oci::Status status) {
  switch (status) {
    case oci::Status::created:
      return;
    case oci::Status::running:
      throw Error{ErrorKind::WrongState, "cannot start an already running container"}.with_hint(
          "`exec` adds a process to it");
    case oci::Status::paused:
      throw Error{ErrorKind::WrongState, "cannot start a paused container"}.with_hint(
          "resume it first");
    case oci::Status::stopped:
      throw Error{ErrorKind::WrongState, "cannot start a container that has stopped"}.with_hint(
          "delete it and create it anew: a container runs once");
    case oci::Status::creating:
      break;
  }
  throw Error{ErrorKind::WrongState, "cannot start a container whose creation was interrupted"}
      .with_hint("delete --force removes it");
}

void let_execute(int directory, const ProcessIdentity& init) {
  const trace::Span span{text("start")};
  const auto starter = connect_to_start(directory);
  if (!starter) refuse(oci::Status::stopped);
  starter->proceed();
  if (!starter->receive(Step::executing))
    throw Error{ErrorKind::Failed, "the container's process ended before it was started"}.with_hint(
        "its memory limit may be too low, or somebody has killed it: `delete` and create it anew");
  starter->receive_end();
  // The connection ends with the process, too.
  if (may_have_executed(init)) return;
  throw Error{ErrorKind::Failed, "the container's process ended before its program was executed"}
      .with_hint(
          "linux.seccomp may forbid execve, or telling why it failed; or the memory limit is too "
          "low for the program");
}

}  // namespace

std::optional<NotifyRelay> notify_relay(const Container& container, int directory) {
  const std::string host_socket = host_notify_socket();
  if (host_socket.empty()) return std::nullopt;
  auto socket = bind_notify_socket(directory);
  if (!socket) return std::nullopt;
  return NotifyRelay{std::move(*socket), host_socket, container.record().init->pid};
}

std::optional<NotifyRelay> release(const Container& container, ContainerDirectory& directory,
                                   Readiness readiness) {
  refuse(container.status());
  std::optional<NotifyRelay> relay;
  if (readiness == Readiness::relayed_here) relay = notify_relay(container, directory.fd());
  const Record& record = container.record();
  let_execute(directory.fd(), *record.init);
  try {
    hooks::run_until_failure(record.poststart, "poststart", record.state(oci::Status::running));
  } catch (...) {
    destroy_quietly(container, directory);
    throw;
  }
  return relay;
}

}  // namespace ocelot
