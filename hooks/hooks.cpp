#include "hooks/hooks.hpp"

#include <fmt/core.h>

#include "hooks/run_hook.hpp"
#include "runtime/base/error.hpp"

namespace ocelot::hooks {
namespace {

void run_one(const oci::Hook& hook, const std::string& kind, std::size_t index,
             const std::string& state_json, const std::string& bundle, const OutputFiles& output) {
  Context at{[&] {
               return fmt::format("error running {} hook #{}: /hooks/{}/{} {}", kind, index, kind,
                                  index, hook.path);
             },
             [&] { return fmt::format("/hooks/{}/{} {}", kind, index, hook.path); }};
  run_hook(hook, state_json, bundle, output);
}

OutputFiles open_files_if_any(const oci::State& state,
                              const std::function<void(const std::string&)>& warn) {
  try {
    return open_output_files(state.annotations);
  } catch (const Error& error) {
    warn(error.what());
    return {};
  }
}

}  // namespace

void run_until_failure(std::span<const oci::Hook> hooks, const std::string& kind,
                       const oci::State& state, const OutputFiles& output) {
  const std::string state_json = hooks.empty() ? "" : oci::to_json(state);
  for (std::size_t i = 0; i < hooks.size(); ++i)
    run_one(hooks[i], kind, i, state_json, state.bundle, output);
}

void run_until_failure(std::span<const oci::Hook> hooks, const std::string& kind,
                       const oci::State& state) {
  if (!hooks.empty()) run_until_failure(hooks, kind, state, open_output_files(state.annotations));
}

void run_all(std::span<const oci::Hook> hooks, const std::string& kind, const oci::State& state,
             const std::function<void(const std::string&)>& warn) {
  if (hooks.empty()) return;
  const std::string state_json = oci::to_json(state);
  const OutputFiles output = open_files_if_any(state, warn);
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    try {
      run_one(hooks[i], kind, i, state_json, state.bundle, output);
    } catch (const Error& error) {
      warn(error.what());
    }
  }
}

}  // namespace ocelot::hooks
