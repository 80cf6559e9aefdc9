// Writes the manual pages, ocelot.8 and ocelot-COMMAND.8, into a directory: generate VERSION
// DIRECTORY.
#include <fmt/core.h>

#include <fstream>
#include <string>
#include <string_view>

#include "runtime/cli/table.hpp"

namespace {

using ocelot::cli::Command;
using ocelot::cli::Option;

// What exists of the program beside its commands.
constexpr std::string_view common_sections = R"(.SH EXIT STATUS
0 on success and 1 on failure.
A
.B run
that is not detached exits with the status of the container's process, or with 128 plus the number of the signal that killed it.
.SH ENVIRONMENT
.TP
.B XDG_RUNTIME_DIR
Where the default state directory of an unprivileged user is; ignored when it is empty. With
.B \-\-systemd\-cgroup
the user's systemd is looked for there, else by
.BR DBUS_SESSION_BUS_ADDRESS .
.TP
.BR LISTEN_FDS ", " LISTEN_PID
Descriptors that are passed to the container, as by socket activation.
.TP
.B NOTIFY_SOCKET
Where the readiness that the container announces is passed on to.
.SH FILES
.TP
.I /run/ocelot
State of the containers, a directory each.
)";

// Text as roff shows it unchanged.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
      out += c;
    }
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t end = text.find("\n\n");
    out += roff(text.substr(0, end)) + "\n";
    if (end == std::string_view::npos) return out;
    out += ".PP\n";
    text.remove_prefix(end + 2);
  }
}

// A line of help as the beginning of a paragraph of sentences.
std::string sentence(std::string_view help) {
  std::string text{help};
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text + ".";
}

std::string describe(const Option& option) {
  std::string out = ".TP\n";
  if (option.letter != '\0') out += fmt::format("\\fB\\-{}\\fR, ", option.letter);
  out += fmt::format("\\fB\\-\\-{}\\fR", roff(option.name));
  if (!option.is_switch()) out += fmt::format(" \\fI{}\\fR", roff(option.argument));
  out += "\n" + roff(sentence(option.help)) + "\n";
  if (!option.more.empty()) out += roff(option.more) + "\n";
  return out;
}

std::string page(const Command& command, std::string_view version) {
  const Command& program = ocelot::cli::program;
  const bool whole = &command == &program;
  const std::string name =
      whole ? std::string(program.name) : fmt::format("{}-{}", program.name, command.name);
  std::string out =
      fmt::format(".TH {} 8 \"\" \"ocelot {}\" \"OCI container runtime\"\n", roff(name), version);
  out += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(command.summary));
  out += fmt::format(".SH SYNOPSIS\n.B {}\n",
                     whole ? "ocelot" : fmt::format("ocelot {}", command.name));
  out += fmt::format("[\\fIOPTION\\fR]... {}{}\n", roff(command.operands),
                     whole ? " [\\fIARGUMENT\\fR]..." : "");
  out += ".SH DESCRIPTION\n" + paragraphs(command.description);
  out += ".SH OPTIONS\n";
  for (const Option* option : command.options) out += describe(*option);
  if (!whole) return out + ".SH SEE ALSO\n.BR ocelot (8)\n";

  out += ".SH COMMANDS\n";
  std::string see_also;
  for (const Command& each : ocelot::cli::commands()) {
    out += fmt::format(".TP\n\\fB{}\\fR {}\n{}\n", each.name, roff(each.operands),
                       roff(sentence(each.summary)));
    see_also += fmt::format("{}.BR ocelot\\-{} (8)", see_also.empty() ? "" : ",\n", each.name);
  }
  return out + std::string(common_sections) + ".SH SEE ALSO\n" + see_also + "\n";
}

bool write(const std::string& directory, const Command& command, std::string_view version) {
  const bool whole = &command == &ocelot::cli::program;
  std::ofstream file{
      fmt::format("{}/ocelot{}{}.8", directory, whole ? "" : "-", whole ? "" : command.name)};
  file << page(command, version) << std::flush;
  return file.good();
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 3) return 2;
  bool written = write(argv[2], ocelot::cli::program, argv[1]);
  for (const Command& command : ocelot::cli::commands())
    written = write(argv[2], command, argv[1]) && written;
  return written ? 0 : 1;
}
