#include "runtime/base/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

using namespace ocelot;

BOOST_AUTO_TEST_SUITE(file)

// Read again and again while its process is collected: between open(2) and read(2), too.
BOOST_AUTO_TEST_CASE(file_of_a_process_that_ends_meanwhile_is_not_there) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    const pid_t pid = ::fork();
    BOOST_TEST_REQUIRE(pid != -1);
    if (pid == 0) ::_exit(0);
    std::thread collector{[pid] { ::waitpid(pid, nullptr, 0); }};
    std::exception_ptr failure;
    try {
      while (read_file_if_exists(AT_FDCWD, fmt::format("/proc/{}/stat", pid))) {
      }
    } catch (...) {
      failure = std::current_exception();
    }
    collector.join();
    if (failure) std::rethrow_exception(failure);
  }
}

BOOST_AUTO_TEST_SUITE_END()
