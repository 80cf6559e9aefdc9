#pragma once
#include <random>
#include <set>
#include <string>

#include "seccomp_profile.hpp"

// Profiles and calls made at random, and what the first means for the second, told from the
// specification's words and without libseccomp's help (but for the numbers of names).
namespace ocelot::test {

struct RandomProfile {
  Seccomp profile;
  std::uint32_t default_answer = 0;
  std::set<std::uint32_t> conventions;  // SCMP_ARCH_*
};

struct Call {
  std::uint32_t arch = 0, number = 0;
  Arguments arguments{};
};

// Up to two rules a call, on up to three arguments each.
RandomProfile random_profile(std::mt19937_64& random);

// Mostly calls that the profile names, with arguments near those of its rules.
Call random_call(std::mt19937_64& random, const RandomProfile& made);

std::uint32_t expected_answer(const RandomProfile& made, const Call& call);

// The SCMP_ARCH_* whose numbers and registers the call uses; x32 is told from x86_64 by bit 30.
std::uint32_t convention_of(const Call& call);

std::string describe(const Call& call);

}  // namespace ocelot::test
