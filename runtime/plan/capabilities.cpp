#include "runtime/plan/capabilities.hpp"

#include <fmt/format.h>
#include <sys/capability.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <string_view>

namespace ocelot {
namespace {

std::uint64_t bit(int capability) {
  return std::uint64_t{1} << capability;
}

// "CAP_CHOWN", or nothing when libcap has no word for it.
std::string name_of(int capability) {
  const std::unique_ptr<char, int (*)(void*)> word{::cap_to_name(capability), ::cap_free};
  std::string name = word ? word.get() : "";
  if (!name.starts_with("cap_")) return {};  // libcap writes the number
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return name;
}

std::optional<int> number_of(const std::string& name) {
  cap_value_t capability = -1;
  // cap_from_name takes numbers and any case as well, which the specification does not.
  if (::cap_from_name(name.c_str(), &capability) != 0 || name_of(capability) != name)
    return std::nullopt;
  return capability;
}

class Reader {
 public:
  Reader(int last_capability, std::uint64_t grantable)
      : last_(last_capability), grantable_(grantable) {}

  std::uint64_t mask(const std::vector<std::string>& names) {
    std::uint64_t mask = 0;
    for (const std::string& name : names) {
      const auto capability = number_of(name);
      if (!capability) {
        refuse(name, "unknown");
      } else if (*capability > last_) {
        refuse(name, "unknown to this kernel");
      } else if ((grantable_ & bit(*capability)) == 0) {
        refuse(name, "not to be had: the runtime itself lacks what it is to grant");
      } else {
        mask |= bit(*capability);
      }
    }
    return mask;
  }

  // `wanted` without what is not in `possible`.
  std::uint64_t within(std::uint64_t wanted, std::uint64_t possible, const char* why) {
    for (std::uint64_t rest = wanted & ~possible; rest != 0; rest &= rest - 1)
      refuse(name_of(std::countr_zero(rest)), why);
    return wanted & possible;
  }

  // One for each reason, with the names in the order in which they were met.
  std::vector<std::string> warnings() const {
    std::vector<std::string> all;
    for (const Refusal& refusal : refusals_)
      all.push_back(fmt::format("capabilities: {} {} {}: ignored", fmt::join(refusal.names, ", "),
                                refusal.names.size() == 1 ? "is" : "are", refusal.why));
    return all;
  }

 private:
  struct Refusal {
    const char* why;
    std::vector<std::string> names;
  };

  // Each name once, though most stand in several sets.
  void refuse(const std::string& name, const char* why) {
    auto same = std::ranges::find_if(
        refusals_, [&](const Refusal& refusal) { return std::string_view{refusal.why} == why; });
    if (same == refusals_.end()) same = refusals_.insert(same, {why, {}});
    if (std::ranges::find(same->names, name) == same->names.end()) same->names.push_back(name);
  }

  int last_;
  std::uint64_t grantable_;
  std::vector<Refusal> refusals_;
};

}  // namespace

CapabilityPlan plan_capabilities(const std::optional<oci::Capabilities>& sets, int last_capability,
                                 std::uint64_t grantable) {
  if (!sets) return {};
  Reader reader{last_capability, grantable};
  CapabilityPlan plan;
  plan.bounding = reader.mask(sets->bounding);
  plan.permitted = reader.mask(sets->permitted);
  plan.effective =
      reader.within(reader.mask(sets->effective), plan.permitted, "effective but not permitted");
  plan.inheritable = reader.within(reader.mask(sets->inheritable), plan.bounding,
                                   "inheritable but not in the bounding set");
  plan.ambient = reader.within(reader.mask(sets->ambient), plan.permitted & plan.inheritable,
                               "ambient but not both permitted and inheritable");
  plan.warnings = reader.warnings();
  return plan;
}

std::vector<std::string> capability_names(int last_capability) {
  std::vector<std::string> names;
  for (int capability = 0; capability <= last_capability; ++capability) {
    if (std::string name = name_of(capability); !name.empty()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace ocelot
