#include "tests/support/probe.hpp"

#include <stdexcept>

namespace ocelot::test {

using nlohmann::json;

std::vector<std::string> probe_args(const std::vector<Action>& actions) {
  std::vector<std::string> words{"/bin/probe"};
  for (const Action& action : actions) {
    if (words.size() > 1) words.emplace_back(",");
    words.insert(words.end(), action.begin(), action.end());
  }
  return words;
}

namespace {

json run_probe(const Runtime& runtime, Bundle& bundle, std::vector<std::string> args,
               const std::vector<std::string>& flags, RunOptions options) {
  bundle.args(std::move(args));
  static int count = 0;
  Output output = runtime.run(bundle, "p" + std::to_string(++count), flags, std::move(options));
  json result = json::parse(output.out, nullptr, false);
  if (output.status != 0 || result.is_discarded())
    throw std::runtime_error("the probe did not run (status " + std::to_string(output.status) +
                             "): " + output.err + output.out);
  return result;
}

}  // namespace

json report(const Runtime& runtime, Bundle& bundle, const std::vector<std::string>& sysctls,
            const std::vector<std::string>& flags, RunOptions options) {
  std::vector<std::string> args{"/bin/probe", "report"};
  args.insert(args.end(), sysctls.begin(), sysctls.end());
  return run_probe(runtime, bundle, args, flags, std::move(options));
}

json act(const Runtime& runtime, Bundle& bundle, const std::vector<Action>& actions,
         const std::vector<std::string>& flags, RunOptions options) {
  return run_probe(runtime, bundle, probe_args(actions), flags, std::move(options));
}

json mount_in(const json& report, const std::string& point) {
  json found;
  for (const json& mount : report["mounts"])
    if (mount["point"] == point) found = mount;  // the last one is on top
  return found;
}

bool has_option(const json& mount, const std::string& option) {
  std::string options = "," + mount.value("options", "") + ",";
  return options.find("," + option + ",") != std::string::npos;
}

json variable_in(const json& report, const std::string& name) {
  for (const json& entry : report["env"])
    if (entry.get<std::string>().starts_with(name + "="))
      return entry.get<std::string>().substr(name.size() + 1);
  return {};
}

json host_report() {
  return json::parse(run({OCELOT_PROBE}).out);
}

}  // namespace ocelot::test
