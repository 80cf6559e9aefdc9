#include "runtime/plan/seccomp_front.hpp"

#include <linux/seccomp.h>

#include <cerrno>

namespace ocelot {
namespace {

// Expects the number in the accumulator and leaves it there for what follows.
bpf::Instructions answers(const Convention& convention, std::uint32_t default_action) {
  bpf::Instructions program;
  for (const auto& [number, rules] : convention.calls) {
    bpf::append_if_equal(program, number, decide_by_first(rules, default_action, convention.width));
  }
  if (convention.newest) {
    program.push_back(bpf::branch(BPF_JGT, *convention.newest, 0, 2));
    program.push_back(bpf::branch(BPF_JGE, convention.end, 1, 0));
    program.push_back(bpf::ret(SECCOMP_RET_ERRNO | ENOSYS));
  }
  return program;
}

}  // namespace

std::string put_in_front(std::span<const Convention> conventions, std::uint32_t default_action,
                         std::string_view filter) {
  std::map<std::uint32_t, bpf::Instructions> by_arch;
  for (const Convention& convention : conventions) {
    const auto program = answers(convention, default_action);
    if (!program.empty()) bpf::append(by_arch[convention.audit_arch], program);
  }
  if (by_arch.empty()) return std::string(filter);

  bpf::Instructions front;
  std::size_t rest = 0;  // instructions of the architectures that are still to come
  for (const auto& [audit_arch, program] : by_arch) rest += program.size() + 4;
  front.push_back(bpf::load(offsetof(seccomp_data, arch)));
  for (const auto& [audit_arch, program] : by_arch) {
    rest -= program.size() + 4;
    bpf::Instructions section{bpf::load(offsetof(seccomp_data, nr))};
    bpf::append(section, program);
    section.push_back(bpf::skip(rest));
    bpf::append_if_equal(front, audit_arch, section);
  }
  std::string bytes(reinterpret_cast<const char*>(front.data()),
                    front.size() * sizeof(sock_filter));
  return bytes.append(filter);
}

}  // namespace ocelot
