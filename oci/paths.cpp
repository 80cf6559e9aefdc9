#include "oci/paths.hpp"

#include <vector>

#include "runtime/base/text.hpp"

namespace ocelot::oci {

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string clean;
  for (const std::string_view part : kept) clean.append("/").append(part);
  return clean.empty() ? "/" : clean;
}

}  // namespace ocelot::oci
