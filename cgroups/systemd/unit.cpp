#include "cgroups/systemd/unit.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::systemd {
namespace {

constexpr std::size_t longest_name = 255;
constexpr std::string_view slice_suffix = ".slice";

[[noreturn]] void refuse(std::string_view name, const char* why) {
  throw Error{ErrorKind::InvalidSpec,
              fmt::format("cgroupsPath: \"{}\" {}", printable(name.substr(0, longest_name)), why)}
      .with_hint("write it as \"slice:prefix:name\", for example \"machine.slice:ocelot:web\"");
}

bool may_be_in_a_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view{":-_.\\"}.find(c) != std::string_view::npos;
}

void check(std::string_view unit) {
  if (unit.size() > longest_name) refuse(unit, "is longer than the 255 bytes of a unit's name");
  if (!std::all_of(unit.begin(), unit.end(), may_be_in_a_name))
    refuse(unit, "has other characters than the letters, digits and :-_.\\ of a unit's name");
}

}  // namespace

std::string slice_path(std::string_view slice) {
  if (slice == "-.slice") return {};
  check(slice);
  if (!slice.ends_with(slice_suffix) || slice.size() == slice_suffix.size())
    refuse(slice, "is no slice: its name must end in .slice");
  const std::string_view name = slice.substr(0, slice.size() - slice_suffix.size());
  std::string path;
  for (std::size_t end = 0; end != name.size();) {
    const std::size_t dash = std::min(name.find('-', end == 0 ? 0 : end + 1), name.size());
    if (dash == end || (dash == end + 1 && end != 0) || dash + 1 == name.size())
      refuse(slice, "is no slice: a dash must have a name on both sides");
    end = dash;
    path += fmt::format("/{}{}", name.substr(0, end), slice_suffix);
  }
  return path;
}

UnitName unit_name(const std::string& cgroups_path, const std::string& id, Instance instance) {
  UnitName name;
  std::string_view slice, prefix = "ocelot", last = id;
  if (!cgroups_path.empty()) {
    const auto parts = split(cgroups_path, ':');
    if (parts.size() != 3 || parts[2].empty())
      refuse(cgroups_path,
             "must have the form \"slice:prefix:name\" for the systemd cgroup manager");
    slice = parts[0];
    prefix = parts[1];
    last = parts[2];
  }
  if (last.ends_with(slice_suffix)) {
    name.unit = last;
    name.slice = slice;
    if (!slice.empty()) slice_path(slice);
    name.path = slice_path(name.unit);
    if (name.path.empty()) refuse(name.unit, "holds processes of the host");
    return name;
  }
  name.unit = fmt::format("{}{}{}.scope", prefix, prefix.empty() ? "" : "-", last);
  check(name.unit);
  name.slice = !slice.empty()                 ? slice
               : instance == Instance::system ? "system.slice"
                                              : "user.slice";
  name.path = fmt::format("{}/{}", slice_path(name.slice), name.unit);
  return name;
}

}  // namespace ocelot::cgroups::systemd
