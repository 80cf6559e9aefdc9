#include <regex.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"

namespace ocelot {

ContainerState state(const GlobalOptions& global, const std::string& id) {
  const UniqueFd directory = look_at_container(global, id);
  const Container container = load_container(directory.get(), id);
  const Record& record = container.record();
  return {.oci = record.state(container.status()),
          .rootfs = record.rootfs,
          .created = record.created,
          .owner = ""};
}

std::vector<std::string> matching_ids(const GlobalOptions& global, const std::string& pattern) {
  regex_t expression;
  if (::regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    throw Error{ErrorKind::InvalidArgument, "invalid regular expression: " + pattern}.with_hint(
        "extended regular expressions are meant: see regex(7)");
  }
  std::vector<std::string> ids;
  if (const auto store = Store::open(global.root)) ids = store->ids();
  std::erase_if(ids, [&](const std::string& id) {
    return ::regexec(&expression, id.c_str(), 0, nullptr, 0) != 0;
  });
  ::regfree(&expression);
  return ids;
}

}  // namespace ocelot
