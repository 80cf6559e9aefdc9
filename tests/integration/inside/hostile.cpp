// The process of a container with a channel that does what its commands say, good or bad.
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/un.h>

#include "contrib/sandbox/ocelot_channel.hpp"

namespace {

void send_raw(int fd, const void* bytes, size_t size, const int* fds, int descriptors) {
  static char control[CMSG_SPACE(253 * sizeof(int))];
  iovec part = {const_cast<void*>(bytes), size};
  msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptors > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
    memcpy(CMSG_DATA(header), fds, descriptors * sizeof(int));
  }
  sendmsg(fd, &message, MSG_NOSIGNAL);
}

void send_raw(int fd, const void* bytes, size_t size, int descriptors = 0) {
  static const int standard_input[253] = {};
  send_raw(fd, bytes, size, standard_input, descriptors);
}

void send_rubbish(int fd) {
  static char large[40000];
  const char no_utf8[] = "\1\0\0\0\0\0\0\0\xff\xfe";
  send_raw(fd, "abc", 3);
  send_raw(fd, "", 0);
  send_raw(fd, no_utf8, sizeof no_utf8 - 1);
  send_raw(fd, large, sizeof large);
  send_raw(fd, "abc", 3, 253);
  const char guess[] = "\xff\0\0\0\0\0\0\0guess";
  send_raw(fd, guess, sizeof guess - 1, 253);
}

void say_where(ocelot::Channel& channel, const ocelot::Command& command) {
  struct if_nameindex* interfaces = if_nameindex();
  int count = 0;
  for (; interfaces[count].if_index != 0; ++count) continue;
  const int file = open("/new", O_WRONLY | O_CREAT, 0600);
  char text[200];
  snprintf(text, sizeof text, "%d interfaces, %s, fd %d", count,
           file < 0 ? strerror(errno) : "writable", channel.fd());
  channel.reply(command, text);
}

void do_as_told(ocelot::Channel& channel, const ocelot::Command& command) {
  static uint64_t held = 0;
  const char* text = command.text;
  if (strcmp(text, "where") == 0) return say_where(channel, command);
  if (strcmp(text, "hold") == 0) {
    held = command.id;
    channel.send("holding");
    return;
  }
  if (strcmp(text, "rubbish") == 0) send_rubbish(channel.fd());
  if (strcmp(text, "flood") == 0)
    for (int i = 0; i < 300; ++i) channel.send("unasked", command.fds, command.fd_count);
  if (strcmp(text, "close") == 0) {
    close(channel.fd());
    for (;;) pause();
  }
  if (strcmp(text, "die") == 0) _exit(7);
  // A file whose close waits for somebody else: unasked, or with packets that nobody takes.
  if (strcmp(text, "offer") == 0) {
    const int slow = open("/slow", O_RDONLY);
    channel.send("unasked", &slow, 1);
  }
  if (strcmp(text, "smuggle") == 0) {
    const int slow = open("/slow", O_RDONLY);
    channel.reply(command, text);
    for (int i = 0; i < 12; ++i) send_raw(channel.fd(), "abc", 3, &slow, 1);
    return;
  }
  // Sends and closes what it was given to keep, with a packet that the shim does not take, while
  // that does not read for another one.
  static int kept = -1;
  if (strcmp(text, "keep") == 0) kept = dup(command.fds[0]);
  if (strcmp(text, "drop") == 0) {
    send_raw(channel.fd(), "abc", 3);
    send_raw(channel.fd(), "abc", 3, &kept, 1);
    close(kept);
  }
  channel.reply(command, text, command.fds, command.fd_count);
  if (held != 0) {
    ocelot::Command earlier = command;
    earlier.id = held;
    held = 0;
    channel.reply(earlier, "held");
  }
}

}  // namespace

int main() {
  static ocelot::Command command;
  ocelot::Channel channel = ocelot::Channel::from_environment();
  while (channel.receive(command)) {
    do_as_told(channel, command);
    command.close_descriptors();
  }
  return 3;
}
