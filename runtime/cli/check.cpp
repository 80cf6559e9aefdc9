#include <unistd.h>

#include <algorithm>
#include <string>

#include "oci/bundle.hpp"
#include "oci/report.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/host.hpp"

namespace ocelot::cli {

int check(const GlobalOptions& global, const Arguments& arguments) {
  const std::string config(arguments.text(option::config));
  const oci::Bundle bundle = oci::open_bundle(std::string(arguments.text(option::bundle)), config);
  const oci::Violations found = oci::violations_of(bundle, gather_host(bundle, global).facts);
  const std::string file = config.empty() ? bundle.path + "/config.json" : config;
  sys::write_all(STDOUT_FILENO, arguments.text(option::format) == "json"
                                    ? oci::violations_to_json(found, bundle.config_text)
                                    : oci::violations_to_text(found, bundle.config_text, file));
  return std::any_of(found.begin(), found.end(),
                     [](const oci::Violation& violation) { return !violation.warning; })
             ? 1
             : 0;
}

}  // namespace ocelot::cli
