#include <fmt/core.h>

#include "oci/checker.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {

void check_hooks(Checker& check, const Hooks& hooks) {
  constexpr const char* section = "config.md#posix-platform-hooks";
  const auto check_kind = [&](const char* kind, const std::vector<Hook>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Hook& hook = list[i];
      const std::string path = fmt::format("/hooks/{}/{}", kind, i);
      if (hook.path.empty()) {
        check.refuse(path + "/path", "required", "is required: write the program's absolute path",
                     section);
      } else if (hook.path[0] != '/') {
        check.refuse(
            path + "/path", "hook-path-absolute",
            fmt::format("\"{}\" must be an absolute path: hooks are not looked for in PATH",
                        printable(hook.path)),
            section);
      }
      if (hook.timeout_seconds && *hook.timeout_seconds <= 0) {
        check.refuse(path + "/timeout", "hook-timeout",
                     fmt::format("{} must be greater than 0 seconds: leave it out for no limit",
                                 *hook.timeout_seconds),
                     section);
      }
    }
  };
  check_kind("prestart", hooks.prestart);
  check_kind("createRuntime", hooks.create_runtime);
  check_kind("createContainer", hooks.create_container);
  check_kind("startContainer", hooks.start_container);
  check_kind("poststart", hooks.poststart);
  check_kind("poststop", hooks.poststop);
}

}  // namespace ocelot::oci
