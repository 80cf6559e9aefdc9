#include "cgroups/device_program.hpp"

namespace ocelot::cgroups::v2 {
namespace {

static_assert(device_mknod == BPF_DEVCG_ACC_MKNOD && device_read == BPF_DEVCG_ACC_READ &&
              device_write == BPF_DEVCG_ACC_WRITE);

// The registers of the program. `undecided` starts as the access bits asked for and loses those
// that a rule grants.
enum Register : std::uint8_t {
  result = BPF_REG_0,
  context = BPF_REG_1,
  type = BPF_REG_2,
  undecided = BPF_REG_3,
  major = BPF_REG_4,
  minor = BPF_REG_5
};

bpf_insn instruction(int code, Register to, Register from, std::int16_t offset,
                     std::int32_t value) {
  bpf_insn made{};
  made.code = static_cast<std::uint8_t>(code);
  made.dst_reg = to & 0xf;
  made.src_reg = from & 0xf;
  made.off = offset;
  made.imm = value;
  return made;
}

bpf_insn load_word(Register to, std::int16_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, context, offset, 0);
}
bpf_insn copy(Register to, Register from) {
  return instruction(BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0);
}
bpf_insn set(Register to, std::int32_t value) {
  return instruction(BPF_ALU | BPF_MOV | BPF_K, to, result, 0, value);
}
bpf_insn compute(int operation, Register to, std::int32_t value) {
  return instruction(BPF_ALU | operation | BPF_K, to, result, 0, value);
}
bpf_insn jump_if(int condition, Register left, std::int32_t value, std::size_t instructions) {
  return instruction(BPF_JMP | condition | BPF_K, left, result,
                     static_cast<std::int16_t>(instructions), value);
}
bpf_insn jump(std::size_t instructions) {
  return instruction(BPF_JMP | BPF_JA, result, result, static_cast<std::int16_t>(instructions), 0);
}
bpf_insn leave() {
  return instruction(BPF_JMP | BPF_EXIT, result, result, 0, 0);
}

// Falls through to the next rule when this one does not decide.
std::vector<bpf_insn> decide(const DeviceException& rule) {
  const auto bits = static_cast<std::int32_t>(rule.access);
  std::vector<bpf_insn> decision;
  if (rule.allow) {
    decision = {compute(BPF_AND, undecided, ~bits), jump_if(BPF_JNE, undecided, 0, 2),
                set(result, 1), leave()};
  } else {
    decision = {jump_if(BPF_JSET, undecided, bits, 1), jump(2), set(result, 0), leave()};
  }
  std::vector<bpf_insn> all;
  const std::size_t conditions =
      std::size_t{rule.type != 'a'} + rule.major.has_value() + rule.minor.has_value();
  const auto require = [&](Register what, std::uint32_t value) {
    const std::size_t to_next_rule = conditions - all.size() - 1 + decision.size();
    all.push_back(jump_if(BPF_JNE, what, static_cast<std::int32_t>(value), to_next_rule));
  };
  if (rule.type != 'a') require(type, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  if (rule.major) require(major, *rule.major);
  if (rule.minor) require(minor, *rule.minor);
  all.insert(all.end(), decision.begin(), decision.end());
  return all;
}

}  // namespace

std::vector<bpf_insn> device_program(const DevicePolicy& policy) {
  // struct bpf_cgroup_dev_ctx: the access bits above the type, major, minor.
  std::vector<bpf_insn> program{
      load_word(type, 0),
      copy(undecided, type),
      compute(BPF_AND, type, 0xffff),
      compute(BPF_RSH, undecided, 16),
      load_word(major, 4),
      load_word(minor, 8),
  };
  for (auto rule = policy.exceptions.rbegin(); rule != policy.exceptions.rend(); ++rule) {
    const std::vector<bpf_insn> part = decide(*rule);
    program.insert(program.end(), part.begin(), part.end());
  }
  program.push_back(set(result, policy.allow ? 1 : 0));
  program.push_back(leave());
  return program;
}

}  // namespace ocelot::cgroups::v2
