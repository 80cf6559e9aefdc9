#include "cgroups/systemd/unit_properties.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "runtime/base/text.hpp"

namespace ocelot::cgroups::systemd {
namespace {

constexpr std::uint64_t infinity = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t second_us = 1'000'000;
constexpr std::uint64_t default_period_us = 100'000;
constexpr std::uint64_t quota_step_us = 10'000;  // systemd counts whole percents
constexpr unsigned most_bits = 8192;             // the kernel's NR_CPUS

Property limit(const char* name, std::uint64_t value) {
  return {name, "t", {std::to_string(value)}, Unknown::ignore};
}

Property flag(const char* name) {
  return {name, "b", {"true"}};
}

// "max" of v2 and "-1" of v1.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text == "max" || text == "-1") return infinity;
  return parse_integer<std::uint64_t>(text);
}

// Files with one number, and the property that holds the same number.
struct NumberFile {
  std::string_view file;
  const char* property;
};
constexpr NumberFile number_files[] = {
    {"memory.max", "MemoryMax"}, {"memory.high", "MemoryHigh"},
    {"memory.low", "MemoryLow"}, {"memory.min", "MemoryMin"},
    {"cpu.weight", "CPUWeight"}, {"memory.swap.max", "MemorySwapMax"},
    {"io.weight", "IOWeight"},   {"memory.limit_in_bytes", "MemoryLimit"},
    {"cpu.shares", "CPUShares"}, {"blkio.weight", "BlockIOWeight"},
};

// "0-2,7" as a mask, the lowest bits first.
std::optional<Property> mask(const char* name, std::string_view list) {
  std::vector<unsigned> bytes;
  for (const std::string_view range : split(list, ',')) {
    const std::size_t dash = range.find('-');
    const auto first = parse_integer<unsigned>(trim(range.substr(0, dash)));
    const auto last = dash == std::string_view::npos
                          ? first
                          : parse_integer<unsigned>(trim(range.substr(dash + 1)));
    if (!first || !last || *last < *first || *last >= most_bits) return std::nullopt;
    if (bytes.size() <= *last / 8) bytes.resize(*last / 8 + 1);
    for (unsigned bit = *first; bit <= *last; ++bit) bytes[bit / 8] |= 1u << bit % 8;
  }
  Property property{name, "ay", {}, Unknown::ignore};
  for (const unsigned byte : bytes) property.words.push_back(std::to_string(byte));
  return property;
}

struct Bandwidth {
  std::optional<std::uint64_t> quota_us, period_us;

  void read(const Setting& setting) {
    const std::string_view value = setting.value;
    if (setting.file == "cpu.max") {
      const auto parts = words(value);
      if (!parts.empty()) quota_us = number(parts[0]);
      if (parts.size() > 1) period_us = number(parts[1]);
    } else if (setting.file == "cpu.cfs_quota_us") {
      quota_us = number(value);
    } else if (setting.file == "cpu.cfs_period_us") {
      period_us = number(value);
    }
  }

  void add_to(Properties& properties) const {
    if (period_us) set(properties, limit("CPUQuotaPeriodUSec", *period_us));
    if (!quota_us) return;
    const std::uint64_t period = period_us.value_or(default_period_us);
    std::uint64_t share = infinity;
    if (*quota_us < infinity / second_us && period != 0) {
      share = *quota_us * second_us / period;
      share += (quota_step_us - share % quota_step_us) % quota_step_us;
    }
    set(properties, limit("CPUQuotaPerSecUSec", share));
  }
};

// A node need not be there: systemd reads the numbers in the name.
std::string device_name(char type, const DeviceException& rule) {
  const char* kind = type == 'c' ? "char" : "block";
  if (rule.major && rule.minor) return fmt::format("/dev/{}/{}:{}", kind, *rule.major, *rule.minor);
  return rule.major ? fmt::format("{}-{}", kind, *rule.major) : fmt::format("{}-*", kind);
}

std::string access_letters(unsigned access) {
  std::string letters;
  if ((access & device_read) != 0) letters += 'r';
  if ((access & device_write) != 0) letters += 'w';
  if ((access & device_mknod) != 0) letters += 'm';
  return letters;
}

}  // namespace

void set(Properties& properties, Property property) {
  const auto same = std::ranges::find(properties, property.name, &Property::name);
  if (same == properties.end()) {
    properties.push_back(std::move(property));
  } else {
    *same = std::move(property);
  }
}

Properties properties_of(const Settings& settings, bool unified) {
  Properties properties;
  Bandwidth bandwidth;
  for (const Setting& setting : settings) {
    const auto known = std::ranges::find(number_files, setting.file, &NumberFile::file);
    if (known != std::end(number_files)) {
      // A weight of one device has its number before it, and no property.
      if (const auto value = number(setting.value)) set(properties, limit(known->property, *value));
    } else if (setting.file == "pids.max") {
      // No task at all cannot be said to systemd.
      if (const auto value = number(setting.value))
        set(properties, limit("TasksMax", std::max<std::uint64_t>(*value, 1)));
    } else if (setting.file == "cpu.idle" && setting.value == "1") {
      set(properties, limit("CPUWeight", 0));
    } else if (setting.file == "memory.oom.group") {
      set(properties,
          {"OOMPolicy", "s", {setting.value == "1" ? "kill" : "continue"}, Unknown::ignore});
    } else if (unified && (setting.file == "cpuset.cpus" || setting.file == "cpuset.mems")) {
      const bool cpus = setting.file == "cpuset.cpus";
      if (auto allowed = mask(cpus ? "AllowedCPUs" : "AllowedMemoryNodes", setting.value))
        set(properties, std::move(*allowed));
    }
    bandwidth.read(setting);
  }
  bandwidth.add_to(properties);
  return properties;
}

Properties device_properties(const DevicePolicy& policy) {
  if (policy.allow) return {};
  Property allowed{"DeviceAllow", "a(ss)", {}};
  for (const DeviceException& rule : policy.exceptions) {
    if (!rule.allow) continue;
    for (const char type : {'c', 'b'}) {
      if (rule.type != 'a' && rule.type != type) continue;
      allowed.words.push_back(device_name(type, rule));
      allowed.words.push_back(access_letters(rule.access));
    }
  }
  return {{"DevicePolicy", "s", {"strict"}}, std::move(allowed)};
}

Properties unit_properties(const UnitName& name, const std::string& id, bool unified,
                           const std::map<std::string, std::string>& annotations,
                           const Properties& limits) {
  Properties properties{{"Description", "s", {"ocelot container " + id}},
                        {"DefaultDependencies", "b", {"false"}},
                        // A unit that failed does not stand in the way of the next of its name.
                        {"CollectMode", "s", {"inactive-or-failed"}, Unknown::ignore},
                        flag("CPUAccounting"),
                        flag("MemoryAccounting"),
                        flag("TasksAccounting"),
                        flag(unified ? "IOAccounting" : "BlockIOAccounting")};
  if (!name.is_slice()) set(properties, flag("Delegate"));
  for (auto each = annotations.lower_bound(std::string(annotation_prefix));
       each != annotations.end() && each->first.starts_with(annotation_prefix); ++each) {
    set(properties,
        annotated_property(std::string_view(each->first).substr(annotation_prefix.size()),
                           each->second));
  }
  for (const Property& property : limits) set(properties, property);
  if (name.is_slice()) {
    if (!name.slice.empty()) properties.push_back({"Wants", "as", {name.slice}});
  } else {
    set(properties, {"Slice", "s", {name.slice}});
    // 0 is whoever asks: a scope cannot be without a process.
    set(properties, {"PIDs", "au", {"0"}});
  }
  return properties;
}

}  // namespace ocelot::cgroups::systemd
