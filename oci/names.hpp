#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "oci/spec.hpp"

// The words of config.json that stand for numbers of the kernel, each table once: reading,
// validating, `features` and the plan all look here. A function gives nothing for a word that is in
// no table.
namespace ocelot::oci {

template <typename T>
struct Word {
  std::string_view word;
  T value;
};

std::span<const Word<NamespaceType>> namespace_words();  // "pid"
std::span<const Word<DeviceType>> device_words();        // "c"
std::span<const Word<SeccompAction>> seccomp_actions();  // "SCMP_ACT_ALLOW"
std::span<const Word<SeccompOperator>> seccomp_operators();
std::span<const std::string_view>
seccomp_architectures();                                 // every one that the specification names
std::span<const Word<unsigned>> seccomp_flags();         // SECCOMP_FILTER_FLAG_*
std::span<const Word<int>> rlimits();                    // RLIMIT_*
std::span<const Word<int>> capabilities();               // CAP_*
std::span<const Word<int>> scheduler_policies();         // SCHED_*
std::span<const Word<std::uint64_t>> scheduler_flags();  // SCHED_FLAG_*
std::span<const Word<int>> io_priority_classes();        // IOPRIO_CLASS_*
std::span<const Word<int>> memory_policy_modes();        // MPOL_*
std::span<const Word<unsigned>> memory_policy_flags();   // MPOL_F_*
std::span<const Word<unsigned long>> personality_domains();  // PER_*
std::span<const Word<unsigned long>> rootfs_propagations();  // MS_SHARED, ..., with MS_REC

std::string_view word_of(NamespaceType type);
std::string_view file_of(NamespaceType type);  // in /proc/PID/ns: "net", "mnt"
std::uint64_t clone_flag(NamespaceType type);  // CLONE_NEWPID, ...

std::optional<unsigned> seccomp_flag(std::string_view word);
std::optional<int> rlimit_number(std::string_view word);
std::optional<int> capability_number(std::string_view word);
std::optional<int> scheduler_policy_number(std::string_view word);
std::optional<std::uint64_t> scheduler_flag(std::string_view word);
std::optional<int> io_priority_class_number(std::string_view word);
std::optional<int> memory_policy_mode(std::string_view word);
std::optional<unsigned> memory_policy_flag(std::string_view word);
std::optional<unsigned long> personality_number(std::string_view domain);
std::optional<unsigned long> propagation_flags(std::string_view word);

// "SIGTERM", "TERM", "term", "15", "RTMIN", "RTMIN+3", "RTMAX-1": 1 to 64.
std::optional<int> signal_number(std::string_view word);
// What kill takes: the same, and 0, which only asks. Throws Error{InvalidArgument}.
int signal_to_send(std::string_view word);
std::string signal_name(int number);  // "SIGTERM", "SIGRTMIN+3"

}  // namespace ocelot::oci
