// ocelot-channel PROGRAM [ARGUMENT...]: a channel for shells. Runs PROGRAM for each command that
// comes, one after the other: the text is its standard input and its last argument, the descriptors
// are 3 and up, and what it prints (at most 32,760 bytes) is the reply. Descriptors cannot be sent
// back this way.
#include "contrib/sandbox/ocelot_channel.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace {

// In the child. The descriptors are moved above all others first, since their numbers may be those
// that they shall have.
[[noreturn]] void become(char** words, const ocelot::Command& command, int input, int output) {
  int high[ocelot::Command::most_fds];
  for (int i = 0; i < command.fd_count; ++i)
    high[i] = fcntl(command.fds[i], F_DUPFD_CLOEXEC, 3 + ocelot::Command::most_fds);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  for (int i = 0; i < command.fd_count; ++i) dup2(high[i], 3 + i);
  execvp(words[0], words);
  dprintf(STDERR_FILENO, "ocelot-channel: %s: %s\n", words[0], strerror(errno));
  _exit(127);
}

void serve(ocelot::Channel& channel, char** words, const ocelot::Command& command) {
  static char text[ocelot::Command::most_text];
  const int input = memfd_create("command", MFD_CLOEXEC);
  const int output = memfd_create("reply", MFD_CLOEXEC);
  int status = -1;
  if (input >= 0 && output >= 0 &&
      pwrite(input, command.text, command.size, 0) == static_cast<ssize_t>(command.size)) {
    const pid_t child = fork();
    if (child == 0) become(words, command, input, output);
    if (child > 0) waitpid(child, &status, 0);
  }
  ssize_t size = output >= 0 ? pread(output, text, sizeof text, 0) : -1;
  if (size > 0 && text[size - 1] == '\n') --size;
  if (status != 0 && size <= 0) {
    channel.reply(command, "error: the program failed");
  } else {
    channel.reply(command, text, static_cast<size_t>(size > 0 ? size : 0));
  }
  if (input >= 0) close(input);
  if (output >= 0) close(output);
}

}  // namespace

int main(int argc, char** argv) {
  static ocelot::Command command;
  ocelot::Channel channel = ocelot::Channel::from_environment();
  if (argc < 2 || channel.fd() < 0) {
    dprintf(STDERR_FILENO,
            "usage: ocelot-channel PROGRAM [ARGUMENT...], in a container made with --channel\n");
    return 2;
  }
  fcntl(channel.fd(), F_SETFD, FD_CLOEXEC);
  char** words = static_cast<char**>(calloc(static_cast<size_t>(argc) + 1, sizeof(char*)));
  if (words == nullptr) return 1;
  for (int i = 1; i < argc; ++i) words[i - 1] = argv[i];
  words[argc - 1] = command.text;
  while (channel.receive(command)) {
    serve(channel, words, command);
    command.close_descriptors();
  }
  return 0;
}
