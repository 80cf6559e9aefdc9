#pragma once

#include <string>
#include <vector>

#include "tests/bench/scene.hpp"

namespace ocelot::bench {

enum class Verb { Version, Run, Create, Start, Delete };
inline constexpr Verb kVerbs[] = {Verb::Version, Verb::Run, Verb::Create, Verb::Start,
                                  Verb::Delete};
std::string to_string(Verb verb);

struct Runtime {
  std::string name;
  std::string path;

  bool is_floor() const { return name == "floor"; }
  // Unique to this runtime and process, and so never that of someone else's cgroup.
  std::string id() const;
  std::vector<std::string> argv(Verb verb, const Scene& scene, const std::string& bundle) const;
};

// Kills and reaps the descendants that the caller still has (it must be a subreaper) and removes
// the cgroups of `runtime`'s container: a failure must not leave anything on the machine.
void clear_away(const Runtime& runtime, const Scene& scene);

}  // namespace ocelot::bench
