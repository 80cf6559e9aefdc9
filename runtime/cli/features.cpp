#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cgroups/systemd/helper.hpp"
#include "oci/annotations.hpp"
#include "oci/mount_options.hpp"
#include "oci/names.hpp"
#include "oci/state.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/criu/session.hpp"
#include "runtime/plan/seccomp.hpp"

namespace ocelot::cli {

namespace {

using Json = nlohmann::ordered_json;

template <typename Table>
Json words_of(const Table& table) {
  Json words = Json::array();
  for (const auto& entry : table) words.push_back(entry.word);
  return words;
}

Json enabled() {
  return {{"enabled", true}};
}

Json seccomp() {
  Json architectures = Json::array(), supported_flags = Json::array();
  for (const std::string_view word : oci::seccomp_architectures()) {
    if (seccomp_knows_architecture(std::string(word))) architectures.push_back(word);
  }
  for (const auto& flag : oci::seccomp_flags()) {
    if (kernel_knows_seccomp_flag(flag.value)) supported_flags.push_back(flag.word);
  }
  return {{"enabled", true},
          {"actions", words_of(oci::seccomp_actions())},
          {"operators", words_of(oci::seccomp_operators())},
          {"archs", std::move(architectures)},
          {"knownFlags", words_of(oci::seccomp_flags())},
          {"supportedFlags", std::move(supported_flags)}};
}

Json linux_features() {
  const bool systemd = cgroups::systemd::has_helper();
  return {{"namespaces", words_of(oci::namespace_words())},
          {"capabilities", words_of(oci::capabilities())},
          {"cgroup",
           {{"v1", true},
            {"v2", true},
            {"systemd", systemd},
            {"systemdUser", systemd},
            {"rdma", true}}},
          {"seccomp", seccomp()},
          {"apparmor", enabled()},
          {"selinux", enabled()},
          {"intelRdt", {{"enabled", true}, {"schemata", true}, {"monitoring", true}}},
          {"memoryPolicy",
           {{"modes", words_of(oci::memory_policy_modes())},
            {"flags", words_of(oci::memory_policy_flags())}}},
          {"mountExtensions", {{"idmap", enabled()}}},
          {"netDevices", enabled()}};
}

}  // namespace

int features(const GlobalOptions&, const Arguments&) {
  Json all{
      {"ociVersionMin", "1.0.0"},
      {"ociVersionMax", oci::spec_version},
      {"hooks",
       {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}},
      {"mountOptions", oci::known_mount_options()},
      {"linux", linux_features()},
      {"annotations",
       {{"io.github.seccomp.libseccomp.version", libseccomp_version()},
        {"org.opencontainers.runc.checkpoint.enabled",
         criu::find_program().empty() ? "false" : "true"}}},
      {"potentiallyUnsafeConfigAnnotations", unsafe_annotations}};
  sys::write_all(STDOUT_FILENO, all.dump(4) + "\n");
  return 0;
}

}  // namespace ocelot::cli
