#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tests/support/unique_fd.hpp"

// Descriptors whose close(2) waits for somebody who takes his time.
namespace ocelot::test {

// A connection whose last close lasts for a minute, since nobody reads what it has to send.
struct Lingering {
  UniqueFd reader, writer;
  Lingering();
};

// A file of a file system of our own (FUSE), which answers no close of any copy of it until it is
// let go. Whoever has it open in this process waits, too.
class SlowFile {
 public:
  SlowFile();
  SlowFile(const SlowFile&) = delete;
  SlowFile& operator=(const SlowFile&) = delete;
  ~SlowFile();

  std::string path() const { return directory_ / "file"; }
  void let_go();

 private:
  void serve();
  void answer(const char* request);

  TempDir directory_;
  UniqueFd device_, stop_;
  std::atomic<bool> slow_{true};
  std::thread server_;
};

}  // namespace ocelot::test
