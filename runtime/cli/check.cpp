#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "oci/bundle.hpp"
#include "oci/report.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/foreseen.hpp"
#include "runtime/host.hpp"

namespace ocelot::cli {

namespace {

// nullopt when there is no document to look into: what is wrong then has been told as one of its
// violations, to a program that reads them.
std::optional<oci::Bundle> open_bundle(const Arguments& arguments, const std::string& config) {
  try {
    return oci::open_bundle(std::string(arguments.text(option::bundle)), config);
  } catch (const Error& error) {
    if (arguments.text(option::format) != "json" || error.kind() != ErrorKind::InvalidSpec) throw;
    sys::write_all(STDOUT_FILENO, oci::unreadable_to_json(error.what()));
    return std::nullopt;
  }
}

bool refuses(const oci::Violations& violations) {
  return std::any_of(violations.begin(), violations.end(),
                     [](const oci::Violation& violation) { return !violation.warning; });
}

}  // namespace

int check(const GlobalOptions& global, const Arguments& arguments) {
  const std::string config(arguments.text(option::config));
  const auto opened = open_bundle(arguments, config);
  if (!opened) return 1;
  const oci::Bundle& bundle = *opened;
  const Host host = gather_host(bundle, global);
  oci::Violations found = oci::violations_of(bundle, host.facts);
  if (!refuses(found)) found = oci::merge(std::move(found), foreseen(global, bundle, host));
  const std::string file = config.empty() ? bundle.path + "/config.json" : config;
  sys::write_all(STDOUT_FILENO, arguments.text(option::format) == "json"
                                    ? oci::violations_to_json(found, bundle.config_text)
                                    : oci::violations_to_text(found, bundle.config_text, file));
  return refuses(found) ? 1 : 0;
}

}  // namespace ocelot::cli
