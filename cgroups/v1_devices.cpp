#include <fmt/core.h>

#include <map>
#include <tuple>

#include "cgroups/device_rules.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

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

Settings from_scratch(const State& state) {
  Settings all{{file(state.allow), "a"}};
  for (const auto& [range, access] : state.exceptions)
    all.push_back({file(!state.allow), describe(range, access)});
  return all;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  return text == "*" ? std::nullopt : parse_integer<std::uint32_t>(text);
}

// devices.list: "a *:* rwm" when the default is to allow (its exceptions are not shown), else one
// exception a line.
State parse(std::string_view list) {
  State state{false, {}};
  for (const std::string_view line : split(trim(list), '\n')) {
    if (line.starts_with('a')) return {true, {}};
    const std::vector<std::string_view> words = split(line, ' ');
    if (words.size() != 3) continue;
    const std::size_t colon = words[1].find(':');
    unsigned access = 0;
    for (const char letter : words[2])
      access |= letter == 'r' ? device_read : letter == 'w' ? device_write : device_mknod;
    state.exceptions[{words[0].front(), parse_number(words[1].substr(0, colon)),
                      parse_number(words[1].substr(colon + 1))}] = access;
  }
  return state;
}

}  // namespace

Settings device_settings(const DevicePolicy& policy) {
  return from_scratch(state_of(policy));
}

Settings device_changes(std::string_view current, const DevicePolicy& policy) {
  const State wanted = state_of(policy);
  const State present = parse(current);
  if (wanted.allow && wanted.exceptions.empty() && present.allow) return {};
  if (wanted.allow || present.allow) return from_scratch(wanted);
  Settings all;
  for (const auto& [range, access] : wanted.exceptions) {
    const auto old = present.exceptions.find(range);
    const unsigned added = old == present.exceptions.end() ? access : access & ~old->second;
    if (added != 0) all.push_back({"devices.allow", describe(range, added)});
  }
  for (const auto& [range, access] : present.exceptions) {
    const auto kept = wanted.exceptions.find(range);
    const unsigned removed = kept == wanted.exceptions.end() ? access : access & ~kept->second;
    if (removed != 0) all.push_back({"devices.deny", describe(range, removed)});
  }
  return all;
}

}  // namespace ocelot::cgroups::v1
