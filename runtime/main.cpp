#include <signal.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <span>

#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/cli/help_text.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/standard_streams.hpp"

namespace {

using namespace ocelot;

// What a wrong command line prints before its error.
void print_usage(const cli::Command& command) {
  sys::try_write(STDOUT_FILENO, "Incorrect Usage.\n\n" + cli::help_of(command) + "\n");
}

}  // namespace

int main(int argc, char* argv[]) {
  cli::Program program{std::span<char* const>(argv, static_cast<std::size_t>(argc))};
  try {
    open_standard_streams();
    sys::ignore_signal(SIGPIPE);
    sys::let_owner_use_what_is_made();
    const int status = program.run();
    log::flush_warnings();
    return status;
  } catch (const cli::UsageError& error) {
    print_usage(error.command());
    log::failure(error, "");
    return 1;
  } catch (const std::bad_alloc&) {
    log::out_of_memory();
  } catch (const std::exception& error) {
    log::failure(Error::from(error), program.error_prefix());
  }
  return program.failure_status();
}
