#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "shim/control/documents.hpp"
#include "shim/supervisor.hpp"

// A live upgrade, from both sides.
namespace ocelot::shim {
namespace {

// Workers take milliseconds; a container may leave a command unanswered for as long as it likes.
constexpr std::chrono::milliseconds upgrade_patience{10'000};

}  // namespace

void Supervisor::upgrade(control::RequestHandle request, UniqueFd program,
                         const control::EffectKey& key) {
  if (upgrade_) throw Error{ErrorKind::WrongState, "an upgrade is under way already"};
  upgrade_.emplace(
      Upgrade{.request = request, .key = key, .execution = ReExecution{std::move(program)}});
  upgrade_->turn_end = loop_.at_turn_end([this] { upgrade_when_settled(); });
  upgrade_->patience = loop_.after(upgrade_patience, [this] {
    refuse_upgrade(
        Error{ErrorKind::WrongState, "the container has not answered a command"}.with_hint(
            "try again when nothing is under way in its channel"));
  });
}

void Supervisor::upgrade_when_settled() {
  if (!upgrade_) return;
  if (sandbox_.ended())
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
  Handover handover{.listener = sys::duplicate(server_->listener()),
                    .instance = server_->instance(),
                    .next_event = server_->next_event(),
                    .request = upgrade_->key};
  handover.oom_score_before = oom_score_.before();
  sandbox_.hand_over(handover);
  upgrade_->execution.execute(global_, id_, std::move(handover));
}

void Supervisor::go_on(const Inheritance& inheritance) {
  Handover handover = inheritance.open();
  sandbox_.go_on(handover);
  oom_score_.keep(std::move(handover.oom_score_before));
  enter_cgroup();
  serve(control::Listener{std::move(handover.listener)}, handover.instance, handover.next_event);
  answer_upgrade(handover);
  inheritance.keep();
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
