#include <fcntl.h>
#include <unistd.h>

#include "oci/read_spec.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/cli/update_request.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

oci::ReadResources read_resources_from(const std::string& source, const std::string& text) {
  Context at{[&] { return "resources " + source; }};
  return oci::read_resources(text);
}

}  // namespace

int update(const GlobalOptions& global, const Arguments& arguments) {
  const std::string file(arguments.text(option::resources));
  const std::string id(arguments.operands().front());
  std::string source = file, text;
  if (file.empty()) {
    source = "of the options";
    text = resources_document(arguments);
  } else if (file == "-") {
    source = "on standard input";
    text = sys::read_all(STDIN_FILENO);
  } else {
    text = read_file(AT_FDCWD, file);
  }
  const UpdateRequest request{
      .resources = read_resources_from(source, text),
      .config = {.resources = text,
                 .l3_cache_schema = std::string(arguments.text(option::l3_cache_schema)),
                 .mem_bw_schema = std::string(arguments.text(option::mem_bw_schema))}};
  ask_or_act(
      global, id, "update", update_request(request.config),
      [&](const ContainerDirectory& directory) { ocelot::update(global, directory, request); });
  return 0;
}

}  // namespace ocelot::cli
