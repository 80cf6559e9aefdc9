#include "cgroups/device_program.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "device_oracle.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using cgroups::v2::device_program;
using test::allows;
using test::DeviceRequest;

namespace {

// Runs a program as the kernel does: those instructions that ours may use, and no other.
bool run(const std::vector<bpf_insn>& program, const DeviceRequest& request) {
  const std::uint32_t type = request.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
  const std::uint32_t context[] = {request.access << 16 | type, request.major, request.minor};
  std::uint64_t registers[10] = {};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const bpf_insn& insn = program[at];
    std::uint64_t& to = registers[insn.dst_reg];
    const auto value = static_cast<std::uint32_t>(insn.imm);
    const auto wide = static_cast<std::uint64_t>(static_cast<std::int64_t>(insn.imm));
    switch (insn.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        to = context[insn.off / 4];
        break;
      case BPF_ALU | BPF_MOV | BPF_X:
        to = static_cast<std::uint32_t>(registers[insn.src_reg]);
        break;
      case BPF_ALU | BPF_MOV | BPF_K:
        to = value;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        to = static_cast<std::uint32_t>(to) & value;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        to = static_cast<std::uint32_t>(to) >> value;
        break;
      case BPF_JMP | BPF_JNE | BPF_K:
        at += to != wide ? static_cast<std::size_t>(insn.off) : 0;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (to & wide) != 0 ? static_cast<std::size_t>(insn.off) : 0;
        break;
      case BPF_JMP | BPF_JA:
        at += static_cast<std::size_t>(insn.off);
        break;
      case BPF_JMP | BPF_EXIT:
        return registers[BPF_REG_0] != 0;
      default:
        BOOST_FAIL("instruction " << at << " has the code " << int{insn.code});
    }
  }
  BOOST_FAIL("the program runs off its end");
  return false;
}

DevicePolicy random_policy(std::mt19937& random) {
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  DevicePolicy policy{below(2) == 0, {}};
  for (unsigned count = below(8); count > 0; --count) {
    DeviceException rule{below(2) == 0, "abc" [below(3)], {}, {}, 1 + below(7)};
    if (below(2) == 0) rule.major = below(3);
    if (below(2) == 0) rule.minor = below(3);
    policy.exceptions.push_back(rule);
  }
  return policy;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_program_)

BOOST_AUTO_TEST_CASE(a_program_decides_as_its_policy_for_every_request) {
  std::mt19937 random{20260101};
  for (int round = 0; round < 3000; ++round) {
    const DevicePolicy policy = random_policy(random);
    const std::vector<bpf_insn> program = device_program(policy);
    for (const char type : {'b', 'c'}) {
      for (std::uint32_t major = 0; major < 4; ++major) {
        for (std::uint32_t minor = 0; minor < 4; ++minor) {
          for (unsigned access = 1; access <= device_all; ++access) {
            const DeviceRequest request{type, major, minor, access};
            if (run(program, request) != allows(policy, request)) {
              BOOST_FAIL("round " << round << ": " << type << " " << major << ":" << minor
                                  << " access " << access);
            }
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_every_container_may_use_needs_few_instructions) {
  BOOST_TEST(device_program(device_policy({})).size() <= 6 + 11 * 7 + 2u);
}

BOOST_AUTO_TEST_CASE(a_large_number_is_compared_whole) {
  const DevicePolicy policy{false, {{true, 'c', 0x7fffffff, 0xfffff}}};
  BOOST_TEST(run(device_program(policy), {'c', 0x7fffffff, 0xfffff, device_read}));
  BOOST_TEST(!run(device_program(policy), {'c', 0x7ffffffe, 0xfffff, device_read}));
}

BOOST_AUTO_TEST_SUITE_END()
