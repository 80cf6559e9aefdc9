#include "shim/control/authority.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/sys_network.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::control {
namespace {

template <typename Id>
bool contains(const std::vector<Id>& ids, Id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

const char* name(Role role) noexcept {
  switch (role) {
    case Role::None:
      return "none";
    case Role::Observer:
      return "observer";
    case Role::Owner:
      return "owner";
    case Role::Operator:
      return "operator";
  }
  return "none";
}

Authority::Authority(Members members, Objection objection)
    : members_(std::move(members)), objection_(std::move(objection)) {
  const auto self = sys::pidfd_open_if_exists(sys::process_id());
  if (!self || members_.foreign_namespaces) return;
  user_namespace_ = sys::namespace_inode(self->get(), sys::PeerNamespace::User);
  pid_namespace_ = sys::namespace_inode(self->get(), sys::PeerNamespace::Pid);
}

Role Authority::role(const Credentials& who, const std::vector<gid_t>& groups) const noexcept {
  if (who.pid == 0 || who.uid == overflow_id || who.gid == overflow_id) return Role::None;
  if (who.uid == 0 || who.uid == members_.owner) return Role::Owner;
  if (contains(members_.operators, who.uid)) return Role::Operator;
  if (contains(members_.observers, who.uid) || contains(members_.observer_groups, who.gid))
    return Role::Observer;
  const bool by_group = std::any_of(groups.begin(), groups.end(), [&](gid_t group) {
    return contains(members_.observer_groups, group);
  });
  return by_group ? Role::Observer : Role::None;
}

Role Authority::role(const Peer& peer, const Credentials& sender) const noexcept {
  // The groups of another process than the one that connected are not known.
  static const std::vector<gid_t> none;
  const bool same = sender.uid == peer.credentials.uid && sender.gid == peer.credentials.gid;
  return std::min(peer.role, role(sender, same ? peer.groups : none));
}

Peer Authority::admit(int socket) const {
  Peer peer;
  const ucred connected = sys::peer_credentials(socket);
  peer.credentials = {connected.pid, connected.uid, connected.gid};
  peer.groups = sys::peer_groups(socket);
  peer.role = role(peer.credentials, peer.groups);
  const auto refuse = [&](std::string why) {
    peer.role = Role::None;
    peer.refusal = std::move(why);
  };
  if (peer.role == Role::None) {
    refuse(fmt::format("uid {}, gid {} is neither operator nor observer", connected.uid,
                       connected.gid));
    return peer;
  }

  const std::optional<UniqueFd> pidfd = sys::peer_pidfd(socket);
  const auto is_foreign = [&](std::optional<std::uint64_t> ours, sys::PeerNamespace kind) {
    if (!ours || !pidfd) return false;
    const auto theirs = sys::namespace_inode(pidfd->get(), kind);
    return theirs && *theirs != *ours;
  };
  if (is_foreign(user_namespace_, sys::PeerNamespace::User)) {
    refuse(fmt::format("pid {} is in another user namespace", connected.pid));
  } else if (is_foreign(pid_namespace_, sys::PeerNamespace::Pid)) {
    refuse(fmt::format("pid {} is in another pid namespace", connected.pid));
  } else if (objection_) {
    if (auto why = objection_(peer.credentials, pidfd ? pidfd->get() : -1)) refuse(std::move(*why));
  }
  return peer;
}

}  // namespace ocelot::control
