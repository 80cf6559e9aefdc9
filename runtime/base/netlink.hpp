#pragma once
#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/fd.hpp"

// Requests to the kernel's routing netlink. man: netlink(7), rtnetlink(7)
namespace ocelot {

// A request in the making: a header, one fixed structure, and attributes.
class NetlinkRequest {
 public:
  template <typename Body>
  NetlinkRequest(std::uint16_t type, std::uint16_t flags, const Body& body)
      : NetlinkRequest(type, flags, &body, sizeof body) {}

  void attribute(std::uint16_t type, std::span<const std::byte> value);
  void attribute(std::uint16_t type, std::string_view text);  // with its terminating zero
  void attribute(std::uint16_t type, std::uint32_t number);

  // As it is sent, with `sequence` in its header.
  std::span<const std::byte> packet(std::uint32_t sequence);

 private:
  NetlinkRequest(std::uint16_t type, std::uint16_t flags, const void* body, std::size_t size);
  std::vector<std::byte> bytes_;
};

// One message of an answer: a type, its fixed structure, and its attributes.
struct NetlinkMessage {
  std::uint16_t type = 0;
  std::vector<std::byte> payload;

  // The structure that the payload begins with.
  template <typename Body>
  Body body() const {
    Body result{};
    std::memcpy(&result, payload.data(),
                payload.size() < sizeof result ? payload.size() : sizeof result);
    return result;
  }
  // The value of the first attribute of `type` behind a structure of `body_size` bytes; empty when
  // there is none.
  std::span<const std::byte> attribute(std::size_t body_size, std::uint16_t type) const;
};

// A socket to the kernel, in the network namespace that its maker was in.
class Netlink {
 public:
  explicit Netlink(UniqueFd socket);

  // Sends the request and waits for the kernel's answer: the messages before its acknowledgement or
  // the end of its dump. Throws Error with `what`, the kernel's own explanation if it gives one,
  // and its errno.
  std::vector<NetlinkMessage> request(NetlinkRequest request, std::string_view what);
  // The same with errno, or 0, in `error_number` instead of throwing.
  std::vector<NetlinkMessage> try_request(NetlinkRequest request, int& error_number,
                                          std::string& explanation);

 private:
  UniqueFd socket_;
  std::uint32_t sequence_ = 0;
};

// A routing netlink socket of the caller's network namespace.
UniqueFd netlink_socket();

}  // namespace ocelot
