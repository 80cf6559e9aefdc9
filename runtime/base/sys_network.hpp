#pragma once
#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"

namespace ocelot::sys {

// Brings up the loopback interface of the calling process's network namespace. man: netdevice(7)
void bring_up_loopback();

// An option of SOL_SOCKET whose value is an int. man: socket(7), unix(7)
void set_socket_option(int socket, int option, int value);
// False when this kernel does not know the option.
bool set_socket_option_if_known(int socket, int option, int value);
int socket_option(int socket, int option);

// Who was at the other end when the connection was made. man: unix(7), SO_PEERCRED
ucred peer_credentials(int socket);
// The supplementary groups of that process; empty where the kernel (before 4.13) cannot tell.
std::vector<gid_t> peer_groups(int socket);
// A pidfd of that process; nullopt when it is gone or the kernel (before 6.5) cannot tell.
std::optional<UniqueFd> peer_pidfd(int socket);
// The inode of a namespace of the process behind a pidfd; nullopt when it is gone, hidden from us
// or the kernel (before 6.11) cannot tell.
enum class PeerNamespace { User, Pid };
std::optional<std::uint64_t> namespace_inode(int pidfd, PeerNamespace kind);

// Many packets with one call; never waits. The number of packets that were sent or received, or
// -errno when that is none. man: sendmmsg(2), recvmmsg(2)
int try_send_packets(int socket, std::span<mmsghdr> packets) noexcept;
int try_receive_packets(int socket, std::span<mmsghdr> packets) noexcept;

// Gives the memory of all whole pages in `bytes` back; they hold zeros then. For large buffers that
// stay. man: madvise(2), MADV_DONTNEED
void discard_pages(std::span<char> bytes) noexcept;
// What was allocated and is free again goes back to the kernel, page by page.
void give_back_free_memory() noexcept;

void listen(int socket, int backlog);
// Non-blocking and close-on-exec; an empty descriptor and errno when there is none.
UniqueFd try_accept(int listener, int& error_number) noexcept;

// Waits until one of `events` (POLL*) is there, at most `timeout_ms` (-1: for ever); those that
// are. With -1 for `fd` it only waits.
short poll(int fd, short events, int timeout_ms);

// Fills `bytes` from the kernel's random number generator. man: getrandom(2)
void random_bytes(std::span<char> bytes);

}  // namespace ocelot::sys
