#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

[[noreturn]] void fail_label(const std::string& attribute, const Error& error) {
  // Engines tell these failures by the path in back quotes.
  throw Error{ErrorKind::Failed,
              fmt::format("unable to apply label: write `/proc/self/{}`", attribute),
              error.error_number()};
}

}  // namespace

void set_apparmor_profile(const Procfs& proc, const std::string& profile) {
  Context at{[&] { return fmt::format("unable to apply apparmor profile {}", profile); },
             text("process.apparmorProfile")};
  const std::string command = "exec " + profile;
  std::string attribute = "attr/apparmor/exec";
  try {
    if (!proc.write_if_exists("self/" + attribute, command)) {
      attribute = "attr/exec";  // before Linux 5.1
      proc.write("self/" + attribute, command);
    }
  } catch (const Error& error) {
    fail_label(attribute, error);
  }
  // "profile (enforce)\n"
  const std::string applied = proc.read("self/" + attribute);
  if (!applied.starts_with(profile)) {
    throw Error{ErrorKind::Failed, fmt::format("`/proc/self/{}` reads \"{}\" after it was written",
                                               attribute, trim(applied))};
  }
}

void set_selinux_label(const Procfs& proc, const std::string& label) {
  Context at{[&] { return fmt::format("unable to apply selinux label {}", label); },
             text("process.selinuxLabel")};
  try {
    proc.write("self/attr/exec", label);
  } catch (const Error& error) {
    fail_label("attr/exec", error);
  }
  std::string applied = proc.read("self/attr/exec");
  while (!applied.empty() && (applied.back() == '\0' || applied.back() == '\n')) applied.pop_back();
  if (applied != label) {
    throw Error{ErrorKind::Failed,
                fmt::format("`/proc/self/attr/exec` reads \"{}\" after it was written",
                            printable(applied))};
  }
}

}  // namespace ocelot
