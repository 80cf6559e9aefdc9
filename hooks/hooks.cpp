#include "hooks/hooks.hpp"

#include <fmt/core.h>

#include "hooks/run_hook.hpp"
#include "runtime/base/error.hpp"

namespace ocelot::hooks {
namespace {

void run_one(const oci::Hook& hook, const std::string& kind, std::size_t index,
             const std::string& state_json, const std::string& bundle) {
  Context at{[&] {
               return fmt::format("error running {} hook #{}: /hooks/{}/{} {}", kind, index, kind,
                                  index, hook.path);
             },
             [&] { return fmt::format("/hooks/{}/{} {}", kind, index, hook.path); }};
  run_hook(hook, state_json, bundle);
}

}  // namespace

void run_until_failure(std::span<const oci::Hook> hooks, const std::string& kind,
                       const oci::State& state) {
  const std::string state_json = hooks.empty() ? "" : oci::to_json(state);
  for (std::size_t i = 0; i < hooks.size(); ++i)
    run_one(hooks[i], kind, i, state_json, state.bundle);
}

void run_all(std::span<const oci::Hook> hooks, const std::string& kind, const oci::State& state,
             const std::function<void(const std::string&)>& warn) {
  const std::string state_json = hooks.empty() ? "" : oci::to_json(state);
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    try {
      run_one(hooks[i], kind, i, state_json, state.bundle);
    } catch (const Error& error) {
      warn(error.what());
    }
  }
}

}  // namespace ocelot::hooks
