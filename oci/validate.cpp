#include "oci/validate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "oci/checker.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr unsigned known_major = 1, known_minor = 3;

struct Version {
  unsigned major = 0, minor = 0;
};

// An identifier of SemVer's pre-release or build part: letters, digits and hyphens.
bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

std::optional<Version> parse_semver(std::string_view text) {
  const std::size_t suffix = text.find_first_of("-+");
  const std::vector<std::string_view> numbers = split(text.substr(0, suffix), '.');
  if (numbers.size() != 3) return std::nullopt;
  std::array<unsigned, 3> parsed{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto number = parse_integer<unsigned>(numbers[i]);
    if (!number || (numbers[i].size() > 1 && numbers[i][0] == '0')) return std::nullopt;
    parsed[i] = *number;
  }
  if (suffix != std::string_view::npos) {
    std::string_view rest = text.substr(suffix);
    const std::size_t plus = rest.find('+');
    if (plus != std::string_view::npos) {
      for (const auto part : split(rest.substr(plus + 1), '.')) {
        if (!is_identifier(part)) return std::nullopt;
      }
      rest = rest.substr(0, plus);
    }
    if (!rest.empty()) {
      for (const auto part : split(rest.substr(1), '.')) {
        if (!is_identifier(part)) return std::nullopt;
      }
    }
  }
  return Version{parsed[0], parsed[1]};
}

void check_version(Checker& check, const std::string& text) {
  constexpr const char* section = "config.md#specification-version";
  if (text.empty())
    return check.refuse("/ociVersion", "required", "is required: write \"1.3.0\"", section);
  const auto version = parse_semver(text);
  if (!version) {
    return check.refuse("/ociVersion", "version-semver",
                        fmt::format("\"{}\" is no version as SemVer 2.0.0 has it: write \"1.3.0\"",
                                    printable(text)),
                        section);
  }
  if (version->major != known_major) {
    return check.refuse(
        "/ociVersion", "version-major",
        fmt::format("version {} is not supported: this runtime implements 1.0 to 1.3",
                    printable(text)),
        section);
  }
  if (version->minor > known_minor) {
    check.warn(
        "/ociVersion", "version-newer",
        fmt::format("version {} is newer than 1.3: what it added is ignored", printable(text)),
        section);
  }
}

void check_host_name(Checker& check, const Spec& spec, const char* path, const std::string& name,
                     const char* section) {
  if (name.empty()) return;
  if (name.size() > 64) {  // __NEW_UTS_LEN
    check.refuse(path, "name-length",
                 fmt::format("is {} bytes long: the kernel takes at most 64", name.size()),
                 section);
  }
  if (!has_own_namespace(check.host, spec, NamespaceType::uts)) {
    check.refuse(path, "name-uts-namespace",
                 fmt::format("unable to set {} without a private UTS namespace: add {{\"type\": "
                             "\"uts\"}} to linux.namespaces",
                             path + 1),
                 section);
  }
}

template <typename Check>
Violations found_by(const HostFacts& host, Check&& look) {
  Violations found;
  Checker check{host, found};
  look(check);
  return found;
}

}  // namespace

Violations validate(const Spec& spec, const HostFacts& host) {
  Violations found;
  Checker check{host, found};
  check_version(check, spec.oci_version);
  if (!spec.root) {
    check.refuse("/root", "required", "is required: write {\"path\": \"rootfs\"}",
                 "config.md#root");
  } else if (spec.root->path.empty()) {
    check.refuse("/root/path", "required",
                 "is required: write the rootfs directory, absolute or relative to the bundle",
                 "config.md#root");
  } else if (host.root_error == ENOENT || host.root_error == ENOTDIR) {
    check.refuse("/root/path", "root-directory",
                 fmt::format("rootfs \"{}\" {}: write the path of a directory, absolute or "
                             "relative to the bundle",
                             printable(spec.root->path),
                             host.root_error == ENOENT ? "does not exist" : "is no directory"),
                 "config.md#root");
  }
  if (spec.process) {
    check_process(check, "/process", *spec.process, spec);
  } else {
    check.refuse("/process", "required", "process property must not be empty", "config.md#process");
  }
  check_host_name(check, spec, "/hostname", spec.hostname, "config.md#hostname");
  check_host_name(check, spec, "/domainname", spec.domainname, "config.md#domainname");
  check_annotations(check, spec.annotations);
  check_mounts(check, "/mounts", spec.mounts, spec);
  check_hooks(check, spec.hooks);
  check_namespaces(check, spec);
  if (spec.linux_) check_linux(check, spec);
  return found;
}

Violations validate(const Process& process, const Spec& container, const HostFacts& host) {
  return found_by(host, [&](Checker& check) { check_process(check, "", process, container); });
}

Violations validate(const Resources& resources, const HostFacts& host) {
  return found_by(host,
                  [&](Checker& check) { check_resources(check, "", resources, Purpose::update); });
}

Violations validate(const std::vector<Mount>& mounts, const Spec& container,
                    const HostFacts& host) {
  return found_by(host, [&](Checker& check) { check_mounts(check, "", mounts, container); });
}

Violations validate(const IntelRdt& rdt, const HostFacts& host) {
  return found_by(host, [&](Checker& check) { check_intel_rdt(check, rdt); });
}

Violations merge(Violations from_reading, const Violations& from_validation) {
  const auto told = static_cast<std::ptrdiff_t>(from_reading.size());
  for (const Violation& violation : from_validation) {
    // What could not be read was left at its default: no complaint about that, nor that it is
    // missing from what it is part of.
    const bool echo = std::any_of(
        from_reading.begin(), from_reading.begin() + told, [&](const Violation& earlier) {
          return !earlier.warning && (is_at_or_below(violation.path, earlier.path) ||
                                      is_at_or_below(earlier.path, violation.path));
        });
    if (!echo) from_reading.push_back(violation);
  }
  return from_reading;
}

void refuse(const Violations& violations, std::string_view document) {
  const Violation* first = nullptr;
  std::size_t errors = 0;
  std::string all;
  for (const Violation& violation : violations) {
    if (violation.warning) continue;
    if (errors++ == 0) first = &violation;
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ",
                       violation.path.empty() ? "/" : violation.path, violation.message);
  }
  if (first == nullptr) return;
  const std::string more = errors > 1 ? fmt::format(" (and {} more)", errors - 1) : "";
  Error error{ErrorKind::InvalidSpec,
              fmt::format("{}: {}: {}{}", document, first->path.empty() ? "/" : first->path,
                          first->message, more)};
  throw errors > 1 ? std::move(error).with_hint(std::move(all)) : std::move(error);
}

}  // namespace ocelot::oci
