#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "oci/bundle.hpp"
#include "oci/validate.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/plan/describe.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot::cli {

namespace {

// A heading a phase; below it a step a line, the object of each under that of the one before.
std::string to_text(const Plan& plan, std::span<const DescribedStep> steps) {
  std::size_t actions = 0;
  std::size_t objects = 0;
  for (const DescribedStep& step : steps) {
    actions = std::max(actions, step.action.size());
    objects = std::max(objects, std::min<std::size_t>(step.object.size(), 32));
  }
  std::string text = fmt::format("container {} of bundle {}\n", plan.id, printable(plan.bundle));
  std::string_view phase;
  for (const DescribedStep& step : steps) {
    if (step.phase != phase) text += fmt::format("\n{}\n", step.phase);
    phase = step.phase;
    std::string line = fmt::format("  {:<{}}  {:<{}}  {}", step.action, actions,
                                   printable(step.object), objects, printable(step.detail));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string to_json(std::span<const DescribedStep> steps) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const DescribedStep& step : steps) {
    all.push_back({{"phase", step.phase},
                   {"action", step.action},
                   {"object", step.object},
                   {"detail", step.detail}});
  }
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

int plan(const GlobalOptions& global, const Arguments& arguments) {
  const CreateOptions options = create_options(arguments);
  const oci::Bundle bundle = oci::open_bundle(options.bundle, options.config);
  const Host host = gather_host(bundle, global);
  oci::refuse(oci::violations_of(bundle, host.facts));
  const PlanInput input{.id = options.id.empty() ? "container" : options.id,
                        .bundle = bundle.path,
                        .stdio = bundle.spec.process->terminal ? Stdio::terminal : Stdio::inherit,
                        .cgroup_manager = global.cgroup_manager};
  Plan made = make_plan(bundle.spec, host, input);
  if (bundle.spec.linux_->seccomp) made.seccomp = compile_seccomp(*bundle.spec.linux_->seccomp);
  for (const std::string& warning : made.warnings) log::warning(warning);
  const std::vector<DescribedStep> steps = describe(made, host.hierarchies);
  sys::write_all(STDOUT_FILENO, output_format(arguments) == OutputFormat::json
                                    ? to_json(steps)
                                    : to_text(made, steps));
  return 0;
}

}  // namespace ocelot::cli
