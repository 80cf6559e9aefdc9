#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int mounts(const GlobalOptions& global, const Arguments& arguments) {
  const std::string_view action = arguments.operands()[0];
  const std::string id(arguments.operands()[1]), file(arguments.operands()[2]);
  const bool adds = action == "add";
  if (!adds && action != "remove") {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("mounts: no action is called \"{}\"", action)}
        .with_hint("add or remove");
  }
  const std::string document =
      file == "-" ? sys::read_all(STDIN_FILENO) : read_file(AT_FDCWD, file);
  if (adds) {
    add_mounts(global, id, document);
  } else {
    remove_mounts(global, id, document);
  }
  return 0;
}

}  // namespace ocelot::cli
