#include <fmt/core.h>

#include <map>
#include <tuple>

#include "cgroups/device_rules.hpp"
#include "runtime/base/error.hpp"

// The devices controller of v1 keeps a default and a set of exceptions to it, without an order. An
// exception is looked up and removed by exactly its type and numbers.
namespace ocelot::cgroups::v1 {
namespace {

struct Range {
  char type;
  std::optional<std::uint32_t> major, minor;
  auto operator<=>(const Range&) const = default;

  bool covers(const Range& other) const {
    return type == other.type && (!major || major == other.major) &&
           (!minor || minor == other.minor);
  }
  bool overlaps(const Range& other) const {
    const auto meet = [](const auto& a, const auto& b) { return !a || !b || a == b; };
    return type == other.type && meet(major, other.major) && meet(minor, other.minor);
  }
};

std::string describe(const Range& range, unsigned access) {
  return cgroups::describe(
      {.type = range.type, .major = range.major, .minor = range.minor, .access = access});
}

// What the kernel holds: every exception is the opposite of the default.
struct State {
  bool allow = true;
  std::map<Range, unsigned> exceptions;
};

void add(State& state, bool allow, const Range& range, unsigned access) {
  if (allow != state.allow) {
    state.exceptions[range] |= access;
    return;
  }
  for (auto& [other, bits] : state.exceptions) {
    if (range.covers(other)) {
      bits &= ~access;
    } else if (range.overlaps(other) && (bits & access) != 0) {
      throw Error{
          ErrorKind::InvalidSpec,
          fmt::format("devices: cgroup v1 cannot {} {} while {} is {}", allow ? "allow" : "deny",
                      describe(range, access), describe(other, bits), allow ? "denied" : "allowed")}
          .with_hint("write the rule for all of them, or use cgroup v2, which knows exceptions");
    }
  }
  std::erase_if(state.exceptions, [](const auto& each) { return each.second == 0; });
}

State state_of(const DevicePolicy& policy) {
  State state{policy.allow, {}};
  for (const DeviceException& rule : policy.exceptions) {
    for (const char type : {'b', 'c'}) {
      if (rule.type == type || rule.type == 'a')
        add(state, rule.allow, {type, rule.major, rule.minor}, rule.access);
    }
  }
  return state;
}

const char* file(bool allow) {
  return allow ? "devices.allow" : "devices.deny";
}

}  // namespace

Settings device_settings(const DevicePolicy& policy) {
  const State state = state_of(policy);
  Settings all{{file(state.allow), "a"}};
  for (const auto& [range, access] : state.exceptions)
    all.push_back({file(!state.allow), describe(range, access)});
  return all;
}

}  // namespace ocelot::cgroups::v1
