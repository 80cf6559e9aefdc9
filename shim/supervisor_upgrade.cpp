#include <fcntl.h>
#include <fmt/core.h>
#include <sys/resource.h>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "shim/control/documents.hpp"
#include "shim/supervisor.hpp"

// A live upgrade, from both sides.
namespace ocelot::shim {
namespace {

// Workers take milliseconds; a container may leave a command unanswered for as long as it likes.
constexpr std::chrono::milliseconds upgrade_patience{10'000};

// The new program has each descriptor twice until it has accepted them.
void refuse_too_many_descriptors() {
  const UniqueFd own = sys::open(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
  constexpr std::size_t spare = 32;
  const std::size_t open = sys::list_directory(own.get()).size();
  if (2 * open + spare <= sys::limit(RLIMIT_NOFILE).rlim_cur) return;
  throw Error{ErrorKind::WrongState,
              fmt::format("the shim has {} descriptors open, too many for an upgrade", open)}
      .with_hint("try again when some processes of exec have ended");
}

}  // namespace

void Supervisor::upgrade(control::RequestHandle request, UniqueFd program,
                         const control::EffectKey& key) {
  if (upgrade_) throw Error{ErrorKind::WrongState, "an upgrade is under way already"};
  refuse_too_many_descriptors();
  upgrade_.emplace(Upgrade{.request = request,
                           .key = key,
                           .listener = sys::duplicate(server_->listener()),
                           .execution = ReExecution{std::move(program)}});
  upgrade_->turn_end = loop_.at_turn_end([this] { upgrade_when_settled(); });
  upgrade_->patience = loop_.after(upgrade_patience, [this] {
    refuse_upgrade(Error{ErrorKind::WrongState, sandbox_.under_way() > 0
                                                    ? "an operation is still under way"
                                                    : "the container has not answered a command"}
                       .with_hint("try again when nothing is under way"));
  });
}

void Supervisor::upgrade_when_settled() {
  if (!upgrade_) return;
  if (sandbox_.ended() || desk_.deleted())
    return refuse_upgrade(Error{ErrorKind::WrongState, "the container has stopped meanwhile"});
  if (sandbox_.settled()) loop_.stop();
}

void Supervisor::refuse_upgrade(const Error& error) {
  const control::RequestHandle request = upgrade_->request;
  upgrade_.reset();
  server_->fail(request, error);
}

void Supervisor::execute_upgrade() {
  server_->flush_now();
  Handover handover{.listener = std::move(upgrade_->listener),
                    .instance = server_->instance(),
                    .next_event = server_->next_event(),
                    .counted = server_->metrics(),
                    .request = upgrade_->key};
  handover.oom_score_before = oom_score_.before();
  handover.log = log::setting();
  sandbox_.hand_over(handover);
  upgrade_->execution.execute(global_, id_, std::move(handover));
}

void Supervisor::go_on(Inheritance& inheritance) {
  Handover handover = inheritance.open();
  sandbox_.go_on(handover);
  oom_score_.keep(std::move(handover.oom_score_before));
  enter_cgroup();
  serve(control::Listener{std::move(handover.listener)}, {.instance = handover.instance,
                                                          .first_event = handover.next_event,
                                                          .counted = handover.counted});
  answer_upgrade(handover);
  inheritance.accept();
  if (handover.log) log::go_on(std::move(*handover.log));
  // From here on nothing is given back, and what is written to the container is written once.
  sandbox_.go_on_with_streams(handover);
  sandbox_.log().info(handover.failure ? "the shim goes on as the program that it was"
                                       : "the shim goes on as another program");
}

void Supervisor::answer_upgrade(const Handover& handover) {
  const std::string result =
      handover.failure ? control::error_document(Error{
                             ErrorKind::Failed,
                             fmt::format("the new program cannot go on: {}", *handover.failure)})
                       : std::string{"{}"};
  server_->effects().finish(handover.request, result);
  journal_.finished(handover.request, result);
}

}  // namespace ocelot::shim
