#include "runtime/plan/seccomp_conditions.hpp"

#include <linux/seccomp.h>

#include <bit>

namespace ocelot {
namespace {

enum class To { next, holds, fails };

// An instruction whose jumps have no distance yet: to the next condition, or to the next rule.
struct Step {
  sock_filter instruction;
  To if_true = To::next, if_false = To::next;
};

std::size_t offset_of(std::uint32_t index, bool high) {
  const bool second = high == (std::endian::native == std::endian::little);
  return offsetof(seccomp_data, args) + index * sizeof(std::uint64_t) +
         (second ? sizeof(std::uint32_t) : 0);
}

Step test(int comparison, std::uint32_t operand, To if_true, To if_false) {
  return {bpf::branch(comparison, operand, 0, 0), if_true, if_false};
}

Step mask(std::uint32_t operand) {
  return {{BPF_ALU | BPF_AND | BPF_K, 0, 0, operand}};
}

// The operators are tests of the upper half which decide or leave it to the lower half, then tests
// of the lower half.
std::vector<Step> steps_of(const oci::SeccompArgument& argument, Width width) {
  using enum oci::SeccompOperator;
  const auto upper = static_cast<std::uint32_t>(argument.value >> 32);
  const auto lower = static_cast<std::uint32_t>(argument.value);
  const std::uint64_t masked = argument.value & argument.value_two;  // of masked_eq
  std::vector<Step> steps;
  if (width == Width::bits64) {
    steps.push_back({bpf::load(offset_of(argument.index, true))});
    switch (argument.op) {
      case eq:
        steps.push_back(test(BPF_JEQ, upper, To::next, To::fails));
        break;
      case ne:
        steps.push_back(test(BPF_JEQ, upper, To::next, To::holds));
        break;
      case gt:
      case ge:
        steps.push_back(test(BPF_JGT, upper, To::holds, To::next));
        steps.push_back(test(BPF_JEQ, upper, To::next, To::fails));
        break;
      case lt:
      case le:
        steps.push_back(test(BPF_JGT, upper, To::fails, To::next));
        steps.push_back(test(BPF_JEQ, upper, To::next, To::holds));
        break;
      case masked_eq:
        steps.push_back(mask(upper));
        steps.push_back(
            test(BPF_JEQ, static_cast<std::uint32_t>(masked >> 32), To::next, To::fails));
        break;
    }
  }
  steps.push_back({bpf::load(offset_of(argument.index, false))});
  switch (argument.op) {
    case eq:
      steps.push_back(test(BPF_JEQ, lower, To::holds, To::fails));
      break;
    case ne:
      steps.push_back(test(BPF_JEQ, lower, To::fails, To::holds));
      break;
    case gt:
      steps.push_back(test(BPF_JGT, lower, To::holds, To::fails));
      break;
    case ge:
      steps.push_back(test(BPF_JGE, lower, To::holds, To::fails));
      break;
    case lt:
      steps.push_back(test(BPF_JGE, lower, To::fails, To::holds));
      break;
    case le:
      steps.push_back(test(BPF_JGT, lower, To::fails, To::holds));
      break;
    case masked_eq:
      steps.push_back(mask(lower));
      steps.push_back(test(BPF_JEQ, static_cast<std::uint32_t>(masked), To::holds, To::fails));
      break;
  }
  return steps;
}

}  // namespace

bpf::Instructions decide_by_first(std::span<const ConditionalRule> rules, std::uint32_t otherwise,
                                  Width width) {
  bpf::Instructions program;
  for (const ConditionalRule& rule : rules) {
    std::vector<std::vector<Step>> conditions;
    std::size_t length = 1;  // of what the rule adds: its last instruction returns
    for (const oci::SeccompArgument& argument : rule.conditions) {
      conditions.push_back(steps_of(argument, width));
      length += conditions.back().size();
    }
    const std::size_t next_rule = program.size() + length;
    for (const auto& steps : conditions) {
      const std::size_t next_condition = program.size() + steps.size();
      for (Step step : steps) {
        const std::size_t here = program.size() + 1;
        const auto distance = [&](To to) {
          return static_cast<std::uint8_t>(
              to == To::next ? 0 : (to == To::holds ? next_condition : next_rule) - here);
        };
        step.instruction.jt = distance(step.if_true);
        step.instruction.jf = distance(step.if_false);
        program.push_back(step.instruction);
      }
    }
    program.push_back(bpf::ret(rule.action));
  }
  program.push_back(bpf::ret(otherwise));
  return program;
}

}  // namespace ocelot
