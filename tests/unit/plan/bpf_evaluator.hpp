#pragma once
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ocelot::test {

// What the kernel would answer to one system call: runs the program `filter`, an array of struct
// sock_filter, on `call`. Knows the instructions that a seccomp filter may have; throws
// std::runtime_error at any other, at a read past the data and at the program's end.
inline std::uint32_t evaluate(std::string_view filter, const seccomp_data& call) {
  if (filter.size() % sizeof(sock_filter) != 0) throw std::runtime_error("half an instruction");
  const std::size_t count = filter.size() / sizeof(sock_filter);
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < count; ++at) {
    sock_filter instruction;
    std::memcpy(&instruction, filter.data() + at * sizeof instruction, sizeof instruction);
    const std::uint32_t k = instruction.k;
    const auto branch = [&](bool taken) { at += taken ? instruction.jt : instruction.jf; };
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (k % 4 != 0 || k > sizeof call - 4) throw std::runtime_error("load past the data");
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + k, 4);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= k;
        break;
      case BPF_JMP | BPF_JA:
        at += k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        branch(accumulator == k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        branch(accumulator > k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        branch(accumulator >= k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        branch((accumulator & k) != 0);
        break;
      case BPF_RET | BPF_K:
        return k;
      default:
        throw std::runtime_error("instruction " + std::to_string(instruction.code));
    }
  }
  throw std::runtime_error("fell off the end");
}

}  // namespace ocelot::test
