#include "cgroups/device_rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "runtime/base/error.hpp"

namespace ocelot::cgroups {
namespace {

const DeviceException every_container_may[] = {
    {true, 'c', std::nullopt, std::nullopt, device_mknod},
    {true, 'b', std::nullopt, std::nullopt, device_mknod},
    {true, 'c', 1, 3},               // null
    {true, 'c', 1, 5},               // zero
    {true, 'c', 1, 7},               // full
    {true, 'c', 1, 8},               // random
    {true, 'c', 1, 9},               // urandom
    {true, 'c', 5, 0},               // tty
    {true, 'c', 5, 2},               // ptmx
    {true, 'c', 136, std::nullopt},  // pts/*
    {true, 'c', 10, 200},            // net/tun
};

unsigned access_bits(const std::string& letters) {
  unsigned bits = 0;
  for (const char letter : letters) {
    switch (letter) {
      case 'm':
        bits |= device_mknod;
        break;
      case 'r':
        bits |= device_read;
        break;
      case 'w':
        bits |= device_write;
        break;
      default:
        throw Error{ErrorKind::InvalidSpec,
                    fmt::format("device access \"{}\" has other letters than r, w and m", letters)}
            .with_hint("write the letters r (read), w (write) and m (mknod) that are meant");
    }
  }
  return bits;
}

// -1 is how old callers write "any".
std::optional<std::uint32_t> number(const std::optional<std::int64_t>& value) {
  if (!value || *value == -1) return std::nullopt;
  if (*value < 0 || *value > std::numeric_limits<std::int32_t>::max()) {
    throw Error{ErrorKind::InvalidSpec, fmt::format("device number {} is out of range", *value)}
        .with_hint(
            "device numbers are those that `ls -l` shows of the node; leave one out for any");
  }
  return static_cast<std::uint32_t>(*value);
}

bool decides_everything(const DeviceException& rule) {
  return rule.type == 'a' && !rule.major && !rule.minor && rule.access == device_all;
}

bool same_range(const DeviceException& a, const DeviceException& b) {
  return a.type == b.type && a.major == b.major && a.minor == b.minor;
}

void add(DevicePolicy& policy, DeviceException rule) {
  if (decides_everything(rule)) {
    policy = {rule.allow, {}};
    return;
  }
  // Callers list what every container may use themselves: a later rule for the same range makes an
  // earlier one void.
  std::erase_if(policy.exceptions, [&](const DeviceException& earlier) {
    return same_range(earlier, rule) && (earlier.access & ~rule.access) == 0;
  });
  policy.exceptions.push_back(rule);
}

}  // namespace

std::string describe(const DeviceException& rule) {
  const auto number = [](const std::optional<std::uint32_t>& value) {
    return value ? std::to_string(*value) : "*";
  };
  std::string text = fmt::format("{} {}:{} ", rule.type, number(rule.major), number(rule.minor));
  if (rule.access & device_read) text += 'r';
  if (rule.access & device_write) text += 'w';
  if (rule.access & device_mknod) text += 'm';
  return text;
}

DevicePolicy device_policy(const std::vector<oci::DeviceRule>& rules) {
  DevicePolicy policy;
  for (const oci::DeviceRule& rule : rules) {
    const char type =
        rule.type == 'u' ? 'c' : rule.type;  // mknod(1)'s other letter for a character device
    add(policy,
        {rule.allow, type, number(rule.major), number(rule.minor), access_bits(rule.access)});
  }
  for (const DeviceException& rule : every_container_may) add(policy, rule);
  const auto differs = [&](const DeviceException& rule) { return rule.allow != policy.allow; };
  if (std::none_of(policy.exceptions.begin(), policy.exceptions.end(), differs))
    policy.exceptions.clear();
  return policy;
}

}  // namespace ocelot::cgroups
