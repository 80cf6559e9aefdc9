#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tests/support/unique_fd.hpp"

namespace ocelot::test {

// One received message: its bytes and the descriptors that came with it.
struct Received {
  std::string payload;
  std::vector<UniqueFd> fds;
  bool truncated = false;  // bytes or descriptors did not fit
};

// Listens on an AF_UNIX stream socket as an engine does for --console-socket, --pidfd-socket or a
// seccomp listener.
class ConsoleSocket {
 public:
  // In a directory of its own, or at `path`.
  explicit ConsoleSocket(const std::string& path = {});

  const std::string& path() const { return path_; }

  // Accepts one connection and receives one message. Throws after `timeout`.
  Received receive(std::chrono::milliseconds timeout = std::chrono::seconds{20});
  // True if the peer of the last message has closed and sent nothing more.
  bool peer_closed();

 private:
  TempDir directory_;
  std::string path_;
  UniqueFd listener_;
  UniqueFd connection_;
};

}  // namespace ocelot::test
