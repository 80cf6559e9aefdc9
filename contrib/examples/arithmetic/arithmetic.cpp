// A sandbox that computes: `sum` or `product` of the numbers that the descriptors handed in hold;
// it answers with the name of what it did and a memfd that holds the result.
#include <stdio.h>
#include <sys/mman.h>

#include "contrib/sandbox/ocelot_channel.hpp"

namespace {

// False for what is no number.
bool read_number(int fd, long long& number) {
  char text[64];
  const ssize_t size = pread(fd, text, sizeof text - 1, 0);
  if (size <= 0) return false;
  text[size] = '\0';
  char* end = nullptr;
  errno = 0;
  number = strtoll(text, &end, 10);
  return errno == 0 && end != text && (*end == '\0' || *end == '\n');
}

const char* compute(const ocelot::Command& command, long long& result) {
  const bool product = strcmp(command.text, "product") == 0;
  if (!product && strcmp(command.text, "sum") != 0) return "error: sum or product";
  result = product ? 1 : 0;
  for (int i = 0; i < command.fd_count; ++i) {
    long long number = 0;
    if (!read_number(command.fds[i], number)) return "error: a descriptor holds no number";
    const bool overflow = product ? __builtin_mul_overflow(result, number, &result)
                                  : __builtin_add_overflow(result, number, &result);
    if (overflow) return "error: too large";
  }
  return nullptr;
}

void answer(ocelot::Channel& channel, const ocelot::Command& command) {
  long long result = 0;
  if (const char* error = compute(command, result)) {
    channel.reply(command, error);
    return;
  }
  const int file = memfd_create("result", MFD_CLOEXEC);
  if (file < 0 || dprintf(file, "%lld\n", result) < 0) {
    channel.reply(command, "error: no memory");
  } else {
    channel.reply(command, command.text, &file, 1);
  }
  if (file >= 0) close(file);
}

}  // namespace

int main() {
  static ocelot::Command command;
  ocelot::Channel channel = ocelot::Channel::from_environment();
  while (channel.receive(command)) {
    answer(channel, command);
    command.close_descriptors();
  }
  return 0;
}
