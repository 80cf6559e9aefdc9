#include <fmt/core.h>

#include "oci/checker.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {

void check_intel_rdt(Checker& check, const IntelRdt& rdt) {
  constexpr const char* section = "config-linux.md#intelrdt";
  if (check.host.resctrl.empty()) {
    check.refuse("/linux/intelRdt", "rdt-unavailable",
                 "intelRdt is specified in config, but no resctrl file system is mounted: mount it "
                 "or leave intelRdt out",
                 section);
  }
  // "/" is the group that all tasks start in; any other is a directory of that name.
  const std::string& clos = rdt.clos_id;
  if (clos != "/" && (clos.find('/') != std::string::npos || clos == "." || clos == ".." ||
                      clos.find('\n') != std::string::npos)) {
    check.refuse("/linux/intelRdt/closID", "rdt-clos-id",
                 fmt::format("\"{}\" must be the name of a directory, or \"/\"", printable(clos)),
                 section);
  }
  if (!rdt.mem_bw_schema.empty() && (!rdt.mem_bw_schema.starts_with("MB:") ||
                                     rdt.mem_bw_schema.find('\n') != std::string::npos)) {
    check.refuse("/linux/intelRdt/memBwSchema", "rdt-mem-bw",
                 "must be one line that starts with \"MB:\", like \"MB:0=20;1=70\"", section);
  }
  for (std::size_t i = 0; i < rdt.schemata.size(); ++i) {
    if (rdt.schemata[i].find('\n') == std::string::npos && !rdt.schemata[i].empty()) continue;
    check.refuse(fmt::format("/linux/intelRdt/schemata/{}", i), "rdt-schemata",
                 "must be one line: write an entry for each", section);
  }
}

}  // namespace ocelot::oci
