#include "runtime/cli/foreseen.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "cgroups/device_rules.hpp"
#include "cgroups/settings.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/devices.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot::cli {
namespace {

class Foreseen {
 public:
  explicit Foreseen(const oci::Bundle& bundle) : bundle_(bundle) {}

  // What is thrown as `part` is decided, as create would decide it.
  void decide(const char* path, const char* section, const std::function<void()>& part) {
    try {
      part();
    } catch (const Error& error) {
      tell(path, "create-refuses", error.what(), section);
    }
  }

  void need_file(const std::string& path, const char* rule, const std::string& file,
                 const char* section, bool only_warned = false) {
    int error_number = 0;
    const UniqueFd there = sys::try_openat2(bundle_.directory.get(), file, O_PATH, 0, error_number);
    if (error_number != ENOENT && error_number != ENOTDIR) return;
    tell(path, rule, fmt::format("\"{}\" is not there", printable(file)), section, only_warned);
  }

  void need_hooks(const char* kind, const std::vector<oci::Hook>& hooks, bool only_warned = false) {
    for (std::size_t i = 0; i < hooks.size(); ++i) {
      need_file(fmt::format("/hooks/{}/{}/path", kind, i), "hook-path", hooks[i].path,
                "config.md#posix-platform-hooks", only_warned);
    }
  }

  void need_sources(const std::vector<MountStep>& mounts) {
    for (const MountStep& step : mounts) {
      if (step.kind != MountKind::bind) continue;
      need_file(fmt::format("/mounts/{}/source", step.index), "bind-source", step.source,
                "config.md#mounts");
    }
  }

  oci::Violations take() { return std::move(found_); }

 private:
  void tell(std::string path, const char* rule, std::string message, const char* section,
            bool only_warned = false) {
    found_.push_back({.path = std::move(path),
                      .rule = rule,
                      .message = std::move(message),
                      .spec = section,
                      .warning = only_warned});
  }

  const oci::Bundle& bundle_;
  oci::Violations found_;
};

}  // namespace

oci::Violations foreseen(const GlobalOptions& global, const oci::Bundle& bundle, const Host& host) {
  const oci::Spec& spec = bundle.spec;
  Foreseen all{bundle};
  all.decide("", "config.md", [&] {
    const PlanInput input{
        .id = "container", .bundle = bundle.path, .cgroup_manager = global.cgroup_manager};
    all.need_sources(make_plan(spec, host, input).rootfs.mounts);
  });
  const oci::Resources resources = plan_resources(spec);
  all.decide("/linux/resources", "config-linux.md#control-groups",
             [&] { static_cast<void>(cgroups::settings(host.hierarchies, resources)); });
  if (host.hierarchies.mode != cgroups::Mode::unified) {
    all.decide("/linux/resources/devices", "config-linux.md#allowed-device-list", [&] {
      static_cast<void>(cgroups::v1::device_settings(cgroups::device_policy(resources.devices)));
    });
  }
  if (const auto& profile = spec.linux_->seccomp) {
    all.decide("/linux/seccomp", "config-linux.md#seccomp",
               [&] { static_cast<void>(compile_seccomp(*profile)); });
  }
  all.need_hooks("prestart", spec.hooks.prestart);
  all.need_hooks("createRuntime", spec.hooks.create_runtime);
  all.need_hooks("createContainer", spec.hooks.create_container);
  all.need_hooks("poststart", spec.hooks.poststart);
  all.need_hooks("poststop", spec.hooks.poststop, true);  // its failure is told, no more
  return all.take();
}

}  // namespace ocelot::cli
