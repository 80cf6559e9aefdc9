#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/runtimes.hpp"

namespace ocelot::bench {

// What a running container is, as facts that can be compared between runtimes: "inside mount /proc"
// -> "proc / rw,relatime". Mounts (target, type, root, options of the mount), namespaces that are
// not ours, cgroups, device rules and the process's credentials; seen from inside and from here.
using View = std::map<std::string, std::string>;

// Creates and starts a container of the looking bundle, looks, and deletes it.
View look(const Runtime& runtime, const Scene& scene);

struct Difference {
  std::string fact;
  std::string expected, found;  // empty: absent
  std::string known;            // why it is accepted; empty: it is not
};

// How `found`, of `runtime`, differs from `expected`.
std::vector<Difference> compare(const Runtime& runtime, const View& expected, const View& found);

}  // namespace ocelot::bench
