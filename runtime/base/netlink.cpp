#include "runtime/base/netlink.hpp"

#include <fmt/core.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"

namespace ocelot {
namespace {

// Everything in netlink is aligned to 4 bytes.
constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

template <typename Structure>
Structure structure_at(std::span<const std::byte> bytes) {
  Structure result;
  std::memcpy(&result, bytes.data(), sizeof result);
  return result;
}

std::span<const std::byte> find_attribute(std::span<const std::byte> rest, std::uint16_t type) {
  while (rest.size() >= sizeof(nlattr)) {
    const auto header = structure_at<nlattr>(rest);
    if (header.nla_len < sizeof header || header.nla_len > rest.size()) break;
    if ((header.nla_type & NLA_TYPE_MASK) == type)
      return rest.subspan(sizeof header, header.nla_len - sizeof header);
    rest = rest.subspan(std::min(aligned(header.nla_len), rest.size()));
  }
  return {};
}

std::string_view as_text(std::span<const std::byte> value) {
  const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
  return text.substr(0, text.find('\0'));
}

// What the kernel says beside the errno. The request comes first, whole unless NLM_F_CAPPED.
std::string explanation_of(const nlmsghdr& header, std::span<const std::byte> payload) {
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  const auto answer = structure_at<nlmsgerr>(payload);
  const bool capped = (header.nlmsg_flags & NLM_F_CAPPED) != 0;
  const std::size_t size =
      sizeof answer + (capped ? 0 : aligned(answer.msg.nlmsg_len) - sizeof answer.msg);
  if (size > payload.size()) return {};
  return std::string(as_text(find_attribute(payload.subspan(size), NLMSGERR_ATTR_MSG)));
}

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags, const void* body,
                               std::size_t size) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST | NLM_F_ACK);
  bytes_.resize(sizeof header + aligned(size));
  std::memcpy(bytes_.data(), &header, sizeof header);
  std::memcpy(bytes_.data() + sizeof header, body, size);
}

void NetlinkRequest::attribute(std::uint16_t type, std::span<const std::byte> value) {
  const nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + value.size()), type};
  const std::size_t at = bytes_.size();
  bytes_.resize(at + aligned(header.nla_len));
  std::memcpy(bytes_.data() + at, &header, sizeof header);
  if (!value.empty()) std::memcpy(bytes_.data() + at + sizeof header, value.data(), value.size());
}

void NetlinkRequest::attribute(std::uint16_t type, std::string_view text) {
  const std::string terminated(text);
  attribute(type, std::as_bytes(std::span(terminated.c_str(), terminated.size() + 1)));
}

void NetlinkRequest::attribute(std::uint16_t type, std::uint32_t number) {
  attribute(type, std::as_bytes(std::span(&number, 1)));
}

std::span<const std::byte> NetlinkRequest::packet(std::uint32_t sequence) {
  auto header = structure_at<nlmsghdr>(bytes_);
  header.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
  header.nlmsg_seq = sequence;
  std::memcpy(bytes_.data(), &header, sizeof header);
  return bytes_;
}

std::span<const std::byte> NetlinkMessage::attribute(std::size_t body_size,
                                                     std::uint16_t attribute_type) const {
  const std::size_t skip = aligned(body_size);
  if (skip > payload.size()) return {};
  return find_attribute(std::span(payload).subspan(skip), attribute_type);
}

Netlink::Netlink(UniqueFd socket) : socket_(std::move(socket)) {}

std::vector<NetlinkMessage> Netlink::request(NetlinkRequest request, std::string_view what) {
  int error_number = 0;
  std::string explanation;
  auto messages = try_request(std::move(request), error_number, explanation);
  if (error_number == 0) return messages;
  sys::fail(error_number,
            explanation.empty() ? std::string(what) : fmt::format("{} ({})", what, explanation));
}

std::vector<NetlinkMessage> Netlink::try_request(NetlinkRequest request, int& error_number,
                                                 std::string& explanation) {
  const std::span<const std::byte> packet = request.packet(++sequence_);
  if (sys::retry([&] { return ::send(socket_.get(), packet.data(), packet.size(), 0); }) == -1)
    sys::fail(errno, "send to netlink");

  std::vector<NetlinkMessage> messages;
  // The kernel fills at most 32 KiB at a time unless a single message is longer, which those of
  // links and addresses are not.
  alignas(nlmsghdr) std::array<std::byte, 65536> buffer;
  for (;;) {
    const ssize_t length =
        sys::retry([&] { return ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_TRUNC); });
    if (length == -1) sys::fail(errno, "receive from netlink");
    if (static_cast<std::size_t>(length) > buffer.size())
      sys::fail(EMSGSIZE, "receive from netlink");
    std::span<const std::byte> rest(buffer.data(), static_cast<std::size_t>(length));
    while (rest.size() >= sizeof(nlmsghdr)) {
      const auto header = structure_at<nlmsghdr>(rest);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size())
        sys::fail(EPROTO, "receive from netlink");
      const auto payload = rest.subspan(sizeof header, header.nlmsg_len - sizeof header);
      rest = rest.subspan(std::min(aligned(header.nlmsg_len), rest.size()));
      if (header.nlmsg_seq != sequence_) continue;
      if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
        if (payload.size() < sizeof(int)) sys::fail(EPROTO, "receive from netlink");
        error_number = -structure_at<int>(payload);
        if (header.nlmsg_type == NLMSG_ERROR && error_number != 0)
          explanation = explanation_of(header, payload);
        return messages;
      }
      messages.push_back({header.nlmsg_type, {payload.begin(), payload.end()}});
    }
  }
}

UniqueFd netlink_socket() {
  UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!socket) sys::fail(errno, "socket AF_NETLINK");
  // Words beside an errno, and only links and addresses that a dump was asked for: kernels without
  // them answer all the same.
  const int on = 1;
  static_cast<void>(::setsockopt(socket.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on));
  static_cast<void>(
      ::setsockopt(socket.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on));
  return socket;
}

}  // namespace ocelot
