#pragma once
#include <string>

#include "oci/host_facts.hpp"
#include "oci/spec.hpp"
#include "oci/violation.hpp"

// The parts of validate(), each about one subject.
namespace ocelot::oci {

// Collects violations. Of a document with thousands of mistakes the first thousand are told.
class Checker {
 public:
  Checker(const HostFacts& facts, Violations& violations) : host(facts), violations_(violations) {}

  void refuse(std::string path, const char* rule, std::string message, const char* spec) {
    add({std::move(path), rule, std::move(message), spec, false});
  }
  void warn(std::string path, const char* rule, std::string message, const char* spec) {
    add({std::move(path), rule, std::move(message), spec, true});
  }

  const HostFacts& host;

 private:
  void add(Violation violation) {
    if (violations_.size() < max_violations) violations_.push_back(std::move(violation));
  }
  Violations& violations_;
};

const Namespace* find_namespace(const Spec& spec, NamespaceType type);
// A new one, or one that is joined and not the caller's own.
bool has_own_namespace(const HostFacts& host, const Spec& spec, NamespaceType type);

// Sizes, overflow and overlap of the mappings at `path`.
void check_mappings(Checker& check, const std::string& path, const std::vector<IdMapping>& mappings,
                    const char* section);
// False when `mappings` leave `id` without an id on the host.
bool is_mapped(const std::vector<IdMapping>& mappings, std::uint32_t id);

void check_process(Checker& check, const std::string& at, const Process& process, const Spec& spec);
void check_user(Checker& check, const std::string& at, const User& user, const Spec& spec);
void check_scheduling(Checker& check, const std::string& at, const Process& process);
void check_mounts(Checker& check, const std::string& at, const std::vector<Mount>& mounts,
                  const Spec& spec);
void check_annotations(Checker& check, const Annotations& annotations);
void check_hooks(Checker& check, const Hooks& hooks);
void check_namespaces(Checker& check, const Spec& spec);
void check_net_devices(Checker& check, const Spec& spec);
void check_linux(Checker& check, const Spec& spec);
void check_sysctl(Checker& check, const Spec& spec);
enum class Purpose { create, update };
void check_resources(Checker& check, const std::string& at, const Resources& resources,
                     Purpose purpose);
void check_seccomp(Checker& check, const std::string& at, const Seccomp& seccomp);
void check_intel_rdt(Checker& check, const IntelRdt& rdt);
void check_memory_policy(Checker& check, const MemoryPolicy& policy);

}  // namespace ocelot::oci
