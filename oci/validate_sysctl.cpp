#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "oci/checker.hpp"
#include "oci/names.hpp"
#include "oci/sysctl.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* section = "config-linux.md#sysctl";

// What a namespace of its own gives a container; anything else under /proc/sys is the whole host's.
struct Namespaced {
  std::string_view path;  // a file, or a directory if it ends with a slash
  NamespaceType type;
};
constexpr Namespaced namespaced[] = {
    {"kernel/msgmax", NamespaceType::ipc},     {"kernel/msgmnb", NamespaceType::ipc},
    {"kernel/msgmni", NamespaceType::ipc},     {"kernel/sem", NamespaceType::ipc},
    {"kernel/shmall", NamespaceType::ipc},     {"kernel/shmmax", NamespaceType::ipc},
    {"kernel/shmmni", NamespaceType::ipc},     {"kernel/shm_rmid_forced", NamespaceType::ipc},
    {"fs/mqueue/", NamespaceType::ipc},        {"net/", NamespaceType::network},
    {"kernel/domainname", NamespaceType::uts}, {"user/", NamespaceType::user},
};

const Namespaced* find_namespaced(std::string_view path) {
  for (const Namespaced& known : namespaced) {
    const bool directory = known.path.ends_with('/');
    if (directory ? path.starts_with(known.path) && path.size() > known.path.size()
                  : path == known.path)
      return &known;
  }
  return nullptr;
}

// Only characters that the names of /proc/sys have, and no part that leads elsewhere.
bool is_well_formed(std::string_view path) {
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_-./:@").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string sysctl_path(std::string_view key) {
  std::string path(key);
  const std::size_t first = path.find_first_of("./");
  if (first == std::string::npos || path[first] == '/') return path;
  for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return path;
}

void check_sysctl(Checker& check, const Spec& spec) {
  for (const auto& [key, value] : spec.linux_->sysctl) {
    const std::string at = "/linux/sysctl" + json_pointer_part(key);
    const std::string path = sysctl_path(key);
    const Namespaced* known = is_well_formed(path) ? find_namespaced(path) : nullptr;
    if (value.find('\n') != std::string::npos) {
      check.refuse(at, "sysctl-value", "a value must be one line", section);
    }
    if (path == "kernel/hostname") {
      check.refuse(at, "sysctl-hostname",
                   "sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI "
                   "\"hostname\" field: write that",
                   section);
    } else if (known == nullptr) {
      check.refuse(
          at, "sysctl-namespaced",
          fmt::format("sysctl \"{}\" is not in a separate kernel namespace: it would change "
                      "the whole host",
                      printable(key)),
          section);
    } else if (path == "kernel/domainname" && !spec.domainname.empty()) {
      check.refuse(at, "sysctl-domainname",
                   "sysctl \"kernel.domainname\" conflicts with the OCI \"domainname\" field: keep "
                   "one of them",
                   section);
    } else if (!has_own_namespace(check.host, spec, known->type)) {
      const std::string_view type = word_of(known->type);
      check.refuse(at, "sysctl-private-namespace",
                   fmt::format("sysctl \"{}\" not allowed in host {} namespace: add {{\"type\": "
                               "\"{}\"}} to linux.namespaces",
                               printable(key), type, type),
                   section);
    }
  }
}

}  // namespace ocelot::oci
