#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shim/control/packet_socket.hpp"

// Who may do what: first the credential, then the permission of the operation.
namespace ocelot::control {

// In order: who may do something may do all that those before may.
// An operator may do anything to the container; its owner also what touches the host.
enum class Role { None, Observer, Operator, Owner };
const char* name(Role role) noexcept;

// Of whom the kernel cannot name here: /proc/sys/kernel/overflowuid, as everybody has it.
constexpr uid_t overflow_id = 65534;

// The process at the other end as it was when it connected.
struct Peer {
  Credentials credentials;
  std::vector<gid_t> groups;  // supplementary
  Role role = Role::None;
  std::string refusal;  // why there is no role
};

class Authority {
 public:
  // Beside the owner (the euid that created the container) uid 0 is one. The ids are host ids.
  struct Members {
    uid_t owner = 0;
    std::vector<uid_t> operators;
    std::vector<uid_t> observers;
    std::vector<gid_t> observer_groups;
    // A process in another user or pid namespace than ours is otherwise refused, though its uid be
    // 0: it is most likely in a container that got hold of the socket (CVE-2020-15257).
    bool foreign_namespaces = false;
  };
  // A further reason to refuse a peer, such as being in a cgroup of the container: called at accept
  // with a pidfd (-1 where the kernel gives none).
  using Objection = std::function<std::optional<std::string>(const Credentials&, int pidfd)>;

  explicit Authority(Members members, Objection objection = {});

  // SO_PEERCRED, SO_PEERGROUPS and the namespaces of the peer.
  Peer admit(int socket) const;
  // What credentials alone are worth. The overflow ids and a pid that is not visible here are worth
  // nothing: the kernel uses them for whom it cannot name.
  Role role(const Credentials& credentials, const std::vector<gid_t>& groups) const noexcept;
  // The lesser of what the peer was when it connected and what the sender of this packet is.
  Role role(const Peer& peer, const Credentials& sender) const noexcept;

 private:
  Members members_;
  Objection objection_;
  std::optional<std::uint64_t> user_namespace_, pid_namespace_;  // ours
};

}  // namespace ocelot::control
