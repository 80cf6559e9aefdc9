#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"

namespace ocelot::control {

// The answer to one request, sent by another process than the server's: with descriptors that the
// server itself is not to have.
class DirectReply {
 public:
  DirectReply(UniqueFd socket, std::uint64_t id) : socket_(std::move(socket)), id_(id) {}

  // What that process needs of the server's descriptors.
  int fd() const { return socket_.get(); }
  // In that process, once. Its end closes the descriptors: they are not closed here, whatever
  // happens. Throws Error when the client is gone, or takes nothing for 5 s.
  void send(std::string document, std::vector<UniqueFd> fds);

 private:
  UniqueFd socket_;
  std::uint64_t id_;
};

}  // namespace ocelot::control
