#pragma once
#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <vector>

// Classic BPF as seccomp(2) takes it. Jumps count the instructions that they skip.
namespace ocelot::bpf {

using Instructions = std::vector<sock_filter>;

inline sock_filter load(std::size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
}
inline sock_filter ret(std::uint32_t action) {
  return {BPF_RET | BPF_K, 0, 0, action};
}
inline sock_filter skip(std::size_t count) {
  return {BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(count)};
}

// `comparison` is BPF_JEQ, BPF_JGT or BPF_JGE; at most 255 instructions can be skipped.
inline sock_filter branch(int comparison, std::uint32_t operand, std::size_t if_true,
                          std::size_t if_false) {
  return {static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K),
          static_cast<std::uint8_t>(if_true), static_cast<std::uint8_t>(if_false), operand};
}

inline void append(Instructions& to, const Instructions& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// `block` where the accumulator equals `operand`, of whatever length; else what follows.
inline void append_if_equal(Instructions& to, std::uint32_t operand, const Instructions& block) {
  to.push_back(branch(BPF_JEQ, operand, 1, 0));
  to.push_back(skip(block.size()));
  append(to, block);
}

}  // namespace ocelot::bpf
