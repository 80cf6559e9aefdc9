#include "runtime/steps/net_devices.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#include <optional>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/netlink.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot {
namespace {

struct Device {
  int index = 0;
  unsigned flags = 0;  // IFF_*
};

std::string_view name_of(const NetlinkMessage& link) {
  const auto value = link.attribute(sizeof(ifinfomsg), IFLA_IFNAME);
  return {reinterpret_cast<const char*>(value.data()), value.empty() ? 0 : value.size() - 1};
}

// One network namespace: the socket that speaks to it, and what devices are moved to it by.
class Side {
 public:
  Side(UniqueFd socket, UniqueFd network_namespace)
      : netlink_(std::move(socket)), namespace_(std::move(network_namespace)) {}

  std::optional<Device> find(const std::string& name) {
    NetlinkRequest request{RTM_GETLINK, 0, ifinfomsg{}};
    request.attribute(IFLA_IFNAME, name);
    int error_number = 0;
    std::string explanation;
    const auto answer = netlink_.try_request(std::move(request), error_number, explanation);
    if (error_number == ENODEV) return std::nullopt;
    if (error_number != 0 || answer.empty())
      sys::fail(error_number, fmt::format("RTM_GETLINK {}", name));
    const auto body = answer.front().body<ifinfomsg>();
    return Device{body.ifi_index, body.ifi_flags};
  }

  std::set<std::string, std::less<>> names() {
    std::set<std::string, std::less<>> all;
    for (const NetlinkMessage& link :
         netlink_.request({RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}}, "RTM_GETLINK")) {
      if (link.type == RTM_NEWLINK) all.emplace(name_of(link));
    }
    return all;
  }

  // Those that were set and are meant to stay: not link-local ones, nor what a router or a DHCP
  // lease gave for a time.
  std::vector<NetlinkMessage> lasting_addresses(int index) {
    std::vector<NetlinkMessage> kept;
    for (NetlinkMessage& address :
         netlink_.request({RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}}, "RTM_GETADDR")) {
      const auto body = address.body<ifaddrmsg>();
      if (address.type != RTM_NEWADDR || static_cast<int>(body.ifa_index) != index) continue;
      if (body.ifa_scope == RT_SCOPE_UNIVERSE && (body.ifa_flags & IFA_F_PERMANENT) != 0)
        kept.push_back(std::move(address));
    }
    return kept;
  }

  void give(const Device& device, const Side& to, const std::string& new_name) {
    ifinfomsg body{};
    body.ifi_index = device.index;
    NetlinkRequest request{RTM_NEWLINK, 0, body};
    request.attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(to.namespace_.get()));
    request.attribute(IFLA_IFNAME, new_name);
    netlink_.request(std::move(request), fmt::format("RTM_NEWLINK {}", new_name));
  }

  void add(const NetlinkMessage& address, const Device& device) {
    auto body = address.body<ifaddrmsg>();
    body.ifa_index = static_cast<std::uint32_t>(device.index);
    NetlinkRequest request{RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body};
    // Not IFA_LABEL: it begins with the name that the device had.
    constexpr std::uint16_t ifa_proto = 11;  // Linux 5.18
    for (const std::uint16_t type :
         {std::uint16_t{IFA_LOCAL}, std::uint16_t{IFA_ADDRESS}, std::uint16_t{IFA_BROADCAST},
          std::uint16_t{IFA_FLAGS}, std::uint16_t{IFA_RT_PRIORITY}, ifa_proto}) {
      const auto value = address.attribute(sizeof body, type);
      if (!value.empty()) request.attribute(type, value);
    }
    netlink_.request(std::move(request), "RTM_NEWADDR");
  }

  void bring_up(const Device& device) {
    ifinfomsg body{};
    body.ifi_index = device.index;
    body.ifi_flags = IFF_UP;
    body.ifi_change = IFF_UP;
    netlink_.request({RTM_NEWLINK, 0, body}, "RTM_NEWLINK up");
  }

 private:
  Netlink netlink_;
  UniqueFd namespace_;
};

// A socket belongs to the namespace that its maker was in, so one is made by a process that goes
// there. It does not come back.
UniqueFd socket_inside(int network_namespace) {
  SocketPair pair = socket_pair();
  ChildProcess visitor = spawn(
      "ocelot:[netns]", {},
      [&] {
        sys::set_namespace(network_namespace, CLONE_NEWNET);
        const UniqueFd socket = netlink_socket();
        const int fds[] = {socket.get()};
        send_packet(pair.theirs.get(), "ok", fds);
        return 0;
      },
      [&](const Error& error) { try_send_packet(pair.theirs.get(), error.what()); });
  pair.theirs.reset();
  auto answer = receive_packet(pair.ours.get(), 4096);
  visitor.wait();
  if (!answer)
    throw Error{ErrorKind::Failed, "the process in the network namespace ended without a word"};
  if (answer->fds.size() != 1)
    throw Error::relayed(ErrorKind::Failed, 0, ContextFrame::describe_all() + answer->bytes, "");
  return std::move(answer->fds.front());
}

// The kernel would choose as well, but not say what: the device has to be found again.
std::string free_name(const std::string& wanted, const std::set<std::string, std::less<>>& taken) {
  const std::size_t at = wanted.find("%d");
  if (at == std::string::npos) {
    if (!taken.contains(wanted)) return wanted;
    throw Error{ErrorKind::InvalidSpec,
                fmt::format("the container's network namespace already has a device {}", wanted),
                EEXIST}
        .with_hint("choose another name, or one with %d");
  }
  for (unsigned number = 0;; ++number) {
    std::string name = wanted.substr(0, at) + std::to_string(number) + wanted.substr(at + 2);
    if (name.size() >= IFNAMSIZ)
      throw Error{ErrorKind::InvalidSpec, fmt::format("no free name for {}", wanted), EEXIST}
          .with_hint("choose a name for it with `name`");
    if (!taken.contains(name)) return name;
  }
}

// A device leaves its addresses behind, and arrives with another index if its own is taken.
void move_device(Side& from, Side& to, const Device& device, const std::string& new_name,
                 const std::vector<NetlinkMessage>& addresses, bool up) {
  from.give(device, to, new_name);
  const auto arrived = to.find(new_name);
  if (!arrived) sys::fail(ENODEV, fmt::format("{} after it was moved", new_name));
  for (const NetlinkMessage& address : addresses) to.add(address, *arrived);
  if (up) to.bring_up(*arrived);
}

}  // namespace

struct MovedNetDevices::Moves {
  struct Move {
    std::string host_name, name;
    std::vector<NetlinkMessage> addresses;
    bool was_up = false;
  };

  Side host, target;
  std::vector<Move> done;

  void go(const NetDeviceStep& step) {
    Context at{[&] { return fmt::format("network device {}", step.host_name); }};
    const auto device = host.find(step.host_name);
    if (!device) {
      throw Error{ErrorKind::InvalidSpec,
                  fmt::format("there is no network device {}", step.host_name), ENODEV}
          .with_hint("`ip link` lists the devices of the runtime's network namespace");
    }
    const std::string name = free_name(step.name, target.names());
    // Written down first: a device whose addresses were refused has been moved nevertheless.
    done.push_back({step.host_name, name, host.lasting_addresses(device->index),
                    (device->flags & IFF_UP) != 0});
    move_device(host, target, *device, name, done.back().addresses, true);
  }

  void undo() noexcept {
    for (auto move = done.rbegin(); move != done.rend(); ++move) {
      try {
        const auto device = target.find(move->name);
        if (device && !host.find(move->host_name)) {
          move_device(target, host, *device, move->host_name, move->addresses, move->was_up);
        }
      } catch (const Error& error) {
        log::debug(error.what());  // the failure that led here is the one to tell
      }
    }
  }
};

MovedNetDevices::MovedNetDevices() = default;
MovedNetDevices::MovedNetDevices(MovedNetDevices&&) noexcept = default;

MovedNetDevices& MovedNetDevices::operator=(MovedNetDevices&& other) noexcept {
  std::swap(moves_, other.moves_);
  return *this;
}

MovedNetDevices::~MovedNetDevices() {
  if (moves_) moves_->undo();
}

void MovedNetDevices::commit() noexcept {
  moves_.reset();
}

MovedNetDevices move_net_devices(const std::vector<NetDeviceStep>& devices, int target_netns_fd) {
  MovedNetDevices moved;
  if (devices.empty()) return moved;
  moved.moves_.reset(new MovedNetDevices::Moves{
      .host = Side{netlink_socket(), sys::open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY)},
      .target = Side{socket_inside(target_netns_fd), sys::duplicate(target_netns_fd)},
      .done = {}});
  for (const NetDeviceStep& device : devices) moved.moves_->go(device);
  return moved;
}

}  // namespace ocelot
