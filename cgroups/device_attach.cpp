#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstring>

#include "cgroups/device_program.hpp"
#include "cgroups/failures.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::v2 {
namespace {

constexpr unsigned most_programs = 64;  // the kernel's BPF_CGROUP_MAX_PROGS

std::uint64_t address(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

int call(int command, bpf_attr& attributes) {
  return sys::try_bpf(command, &attributes, sizeof attributes);
}

UniqueFd load(const std::vector<bpf_insn>& program, int& error_number) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.insns = address(program.data());
  attributes.license = address("");
  std::strcpy(attributes.prog_name, "ocelot_devices");
  const int fd = call(BPF_PROG_LOAD, attributes);
  error_number = fd < 0 ? -fd : 0;
  return UniqueFd{fd < 0 ? -1 : fd};
}

// The same again, for the verifier's reasons: asking for them each time would make every load
// slower.
std::string verifier_log(const std::vector<bpf_insn>& program) {
  std::string log(65536, '\0');
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.insns = address(program.data());
  attributes.license = address("");
  attributes.log_buf = address(log.data());
  attributes.log_size = static_cast<std::uint32_t>(log.size());
  attributes.log_level = 1;
  const UniqueFd unexpected{std::max(-1, call(BPF_PROG_LOAD, attributes))};
  return printable(trim(log.c_str()));
}

void attach(int dir, int program, int replaced) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(dir);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;  // whoever made a cgroup above keeps their say
  if (replaced != -1) {
    attributes.attach_flags |= BPF_F_REPLACE;
    attributes.replace_bpf_fd = static_cast<std::uint32_t>(replaced);
  }
  if (const int outcome = call(BPF_PROG_ATTACH, attributes); outcome < 0)
    sys::fail(-outcome, "bpf BPF_PROG_ATTACH");
}

void detach(int dir, int program) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(dir);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  const int outcome = call(BPF_PROG_DETACH, attributes);
  if (outcome < 0 && outcome != -ENOENT) sys::fail(-outcome, "bpf BPF_PROG_DETACH");
}

std::vector<UniqueFd> attached(int dir) {
  std::uint32_t ids[most_programs] = {};
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<std::uint32_t>(dir);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = address(ids);
  attributes.query.prog_cnt = most_programs;
  if (const int outcome = call(BPF_PROG_QUERY, attributes); outcome < 0) {
    if (refused_as_foreign(-outcome)) return {};
    sys::fail(-outcome, "bpf BPF_PROG_QUERY");
  }
  std::vector<UniqueFd> programs;
  for (std::uint32_t i = 0; i < attributes.query.prog_cnt; ++i) {
    bpf_attr by_id{};
    by_id.prog_id = ids[i];
    const int fd = call(BPF_PROG_GET_FD_BY_ID, by_id);
    if (fd == -ENOENT) continue;  // detached meanwhile
    if (fd < 0) sys::fail(-fd, "bpf BPF_PROG_GET_FD_BY_ID");
    programs.emplace_back(fd);
  }
  return programs;
}

}  // namespace

void apply_device_policy(int dir, const DevicePolicy& policy) {
  Context at{text("device rules")};
  const UniqueFd cgroup = sys::open(
      dir, ".", O_RDONLY | O_DIRECTORY);  // bpf(2) takes no O_PATH descriptor on all kernels
  UniqueFd program;
  if (!policy.allows_everything()) {
    const std::vector<bpf_insn> instructions = device_program(policy);
    int error_number = 0;
    program = load(instructions, error_number);
    if (refused_as_foreign(error_number)) return;
    if (!program) {
      const std::string log = error_number == EPERM ? "" : verifier_log(instructions);
      sys::fail(error_number, fmt::format("bpf BPF_PROG_LOAD{}{}", log.empty() ? "" : ": ", log));
    }
  }
  const std::vector<UniqueFd> old = attached(cgroup.get());
  // Exactly one can be replaced in one step. Otherwise the new one comes first: programs can only
  // take rights away from one another, so that nothing is granted for a moment.
  if (program) attach(cgroup.get(), program.get(), old.size() == 1 ? old.front().get() : -1);
  if (program && old.size() == 1) return;
  for (const UniqueFd& each : old) detach(cgroup.get(), each.get());
}

}  // namespace ocelot::cgroups::v2
