#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

// Every number of the control socket, in one place; contrib/design/control-socket.md says why.
namespace ocelot::control {

// What both ends must agree on.
inline constexpr std::size_t max_packet_bytes = 32 * 1024;  // header and payload
inline constexpr std::size_t max_message_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t max_descriptors = 253;  // SCM_MAX_FD
inline constexpr std::size_t max_document_depth = 64;

// What a server may be told otherwise.
struct Limits {
  unsigned connections = 256;
  unsigned connections_of_one_uid = 64;
  unsigned requests_in_progress = 64;  // of one connection, subscriptions included
  unsigned partial_messages = 2;       // of one connection, fragments of each still missing
  std::chrono::milliseconds partial_message_age{5'000};
  unsigned damaged_in_a_row = 3;  // packets of one connection that may be asked for again
  unsigned damaged_altogether = 16;
  unsigned packets_a_turn = 16;           // read from one connection before another has its turn
  std::size_t outbox_bytes = 128 * 1024;  // above it no request is read, no event queued
  std::size_t outbox_hard_bytes = 8 * 1024 * 1024;  // above it the connection is closed
  std::chrono::milliseconds idle_observer{600'000};
  std::chrono::milliseconds stalled{600'000};  // something to send, and nobody takes it
  unsigned effects = 256;                      // remembered results of requests with an effect
  std::size_t effects_bytes = 64 * 1024;
  unsigned events = 256;  // kept for subscribers that lag or come back
  std::size_t events_bytes = 64 * 1024;
  unsigned gather_events = 32;  // leave at once when so many wait, or so many bytes
  std::size_t gather_bytes = 16 * 1024;
  std::chrono::milliseconds gather_time{1};  // else after this
  int send_buffer_bytes = 0;                 // SO_SNDBUF, SO_RCVBUF; 0: the kernel's own
  int receive_buffer_bytes = 0;
};

}  // namespace ocelot::control
