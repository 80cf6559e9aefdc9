// The inside of a channel: for a program that runs in a container made with
// `ocelot create|run --shim --channel`. One header, C++11, nothing but libc.
//
//   ocelot::Channel channel = ocelot::Channel::from_environment();
//   ocelot::Command command;
//   while (channel.receive(command)) {      // false: the shim is gone, there is nothing more to do
//     const int result = work_on(command.text, command.fds, command.fd_count);
//     channel.reply(command, "done", &result, 1);
//     command.close_descriptors();
//   }
//
// One packet of a SOCK_SEQPACKET socket is one message: u64 id, little endian, and text in UTF-8,
// at most 32,760 bytes, with at most 253 descriptors. A reply has the id of its command. The
// process that sends must still be there when the shim reads: it is asked of the kernel who it is.
#pragma once
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ocelot {

struct Command {
  static const size_t most_text = 32760;
  static const int most_fds = 253;

  uint64_t id = 0;  // 0: no reply is wanted
  char text[most_text + 1];
  size_t size = 0;  // of the text; a zero byte follows it
  int fds[most_fds];
  int fd_count = 0;

  void close_descriptors() {
    for (int i = 0; i < fd_count; ++i) ::close(fds[i]);
    fd_count = 0;
  }
};

class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  // fd() is -1 when there is no channel.
  static Channel from_environment() {
    const char* number = ::getenv("OCELOT_CHANNEL_FD");
    return Channel(number != nullptr ? ::atoi(number) : -1);
  }
  int fd() const { return fd_; }

  // Waits for a command. Its descriptors, close-on-exec, are the caller's to close. False at the
  // end, or with errno when the socket fails; what does not fit is passed over.
  bool receive(Command& command) {
    for (;;) {
      iovec parts[2] = {{id_, sizeof id_}, {command.text, Command::most_text}};
      msghdr message;
      ::memset(&message, 0, sizeof message);
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      message.msg_control = control_;
      message.msg_controllen = sizeof control_;
      const ssize_t size = ::recvmsg(fd_, &message, MSG_CMSG_CLOEXEC);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return false;
      take_descriptors(message, command);
      if (size < 8 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        command.close_descriptors();
        continue;
      }
      command.id = 0;
      for (int i = 7; i >= 0; --i) command.id = command.id << 8 | id_[i];
      command.size = static_cast<size_t>(size) - 8;
      command.text[command.size] = '\0';
      return true;
    }
  }

  // Answers, with copies of `fds`. False with errno when it cannot be sent.
  bool reply(const Command& command, const char* text, size_t size, const int* fds = nullptr,
             int fd_count = 0) {
    return command.id == 0 || send_packet(command.id, text, size, fds, fd_count);
  }
  bool reply(const Command& command, const char* text, const int* fds = nullptr, int fd_count = 0) {
    return reply(command, text, ::strlen(text), fds, fd_count);
  }
  // Tells something unasked, for whoever waits for it.
  bool send(const char* text, const int* fds = nullptr, int fd_count = 0) {
    return send_packet(0, text, ::strlen(text), fds, fd_count);
  }

 private:
  static void take_descriptors(msghdr& message, Command& command) {
    command.fd_count = 0;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      command.fd_count = static_cast<int>((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      ::memcpy(command.fds, CMSG_DATA(header), command.fd_count * sizeof(int));
    }
  }

  bool send_packet(uint64_t id, const char* text, size_t size, const int* fds, int fd_count) {
    if (size > Command::most_text || fd_count < 0 || fd_count > Command::most_fds) {
      errno = EMSGSIZE;
      return false;
    }
    unsigned char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(id >> (8 * i));
    iovec parts[2] = {{bytes, sizeof bytes}, {const_cast<char*>(text), size}};
    msghdr message;
    ::memset(&message, 0, sizeof message);
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    if (fd_count > 0) {
      message.msg_control = control_;
      message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
      ::memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    ssize_t sent;
    do sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
  }

  int fd_;
  unsigned char id_[8];
  // Descriptors, and the shim's credentials, which the socket is told too.
  alignas(cmsghdr) char control_[CMSG_SPACE(Command::most_fds * sizeof(int)) +
                                 CMSG_SPACE(sizeof(int) * 3)];
};

}  // namespace ocelot
