#include "shim/settle_requests.hpp"

namespace ocelot::shim {
namespace {

using control::Effect;
using control::Operation;

// Whether it has happened; nullopt where the container does not show it.
std::optional<bool> has_happened(Operation operation, oci::Status status) {
  if (operation == Operation::Delete || operation == Operation::Shutdown) return false;
  if (status == oci::Status::stopped) return std::nullopt;
  switch (operation) {
    case Operation::Start:
      if (status == oci::Status::paused) return std::nullopt;
      return status != oci::Status::created;
    case Operation::Pause:
      return status == oci::Status::paused;
    case Operation::Resume:
      return status != oci::Status::paused;
    default:
      return std::nullopt;
  }
}

}  // namespace

void settle_requests(const Sandbox& sandbox, control::Effects& effects,
                     control::EffectRecord& record) {
  const oci::Status status = sandbox.status();
  const auto known = effects.all();
  for (const Effect& effect : known) {
    if (effect.result) continue;
    const auto happened = has_happened(effect.operation, status);
    if (!happened) continue;
    if (*happened) {
      effects.finish(effect.key, "{}");
      record.finished(effect.key, "{}");
    } else {
      effects.withdraw(effect.key);
      record.withdrawn(effect.key);
    }
  }
}

}  // namespace ocelot::shim
