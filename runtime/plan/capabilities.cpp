#include "runtime/plan/capabilities.hpp"

#include <fmt/core.h>
#include <sys/capability.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <set>

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
        warn(name, "is unknown");
      } else if (*capability > last_) {
        warn(name, "is unknown to this kernel");
      } else if ((grantable_ & bit(*capability)) == 0) {
        warn(name, "cannot be granted: the runtime has not got it");
      } else {
        mask |= bit(*capability);
      }
    }
    return mask;
  }

  // `wanted` without what is not in `possible`.
  std::uint64_t within(std::uint64_t wanted, std::uint64_t possible, const char* why) {
    for (std::uint64_t rest = wanted & ~possible; rest != 0; rest &= rest - 1)
      warn(name_of(std::countr_zero(rest)), why);
    return wanted & possible;
  }

  std::vector<std::string> warnings;

 private:
  // Once, though most names stand in several sets.
  void warn(const std::string& name, const char* why) {
    std::string warning = fmt::format("capabilities: {} {}: ignored", name, why);
    if (said_.insert(warning).second) warnings.push_back(std::move(warning));
  }

  int last_;
  std::uint64_t grantable_;
  std::set<std::string> said_;
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
      reader.within(reader.mask(sets->effective), plan.permitted, "is effective but not permitted");
  plan.inheritable = reader.within(reader.mask(sets->inheritable), plan.bounding,
                                   "is inheritable but not in the bounding set");
  plan.ambient = reader.within(reader.mask(sets->ambient), plan.permitted & plan.inheritable,
                               "is ambient but not both permitted and inheritable");
  plan.warnings = std::move(reader.warnings);
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
