#include "oci/violation.hpp"

#include "runtime/base/text.hpp"

namespace ocelot::oci {

std::string json_pointer_part(std::string_view key) {
  std::string part = "/";
  for (const char c : printable(key)) {
    if (c == '~') {
      part += "~0";
    } else if (c == '/') {
      part += "~1";
    } else {
      part += c;
    }
  }
  return part;
}

}  // namespace ocelot::oci
