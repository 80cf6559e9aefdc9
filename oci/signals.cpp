#include <fmt/core.h>
#include <signal.h>

#include <cctype>

#include "oci/names.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

#define WORD(name)   \
  Word<int> {        \
#name, SIG##name \
  }
constexpr Word<int> signals[] = {
    WORD(HUP),
    WORD(INT),
    WORD(QUIT),
    WORD(ILL),
    WORD(TRAP),
    WORD(ABRT),
    WORD(BUS),
    WORD(FPE),
    WORD(KILL),
    WORD(USR1),
    WORD(SEGV),
    WORD(USR2),
    WORD(PIPE),
    WORD(ALRM),
    WORD(TERM),
    WORD(STKFLT),
    WORD(CHLD),
    WORD(CONT),
    WORD(STOP),
    WORD(TSTP),
    WORD(TTIN),
    WORD(TTOU),
    WORD(URG),
    WORD(XCPU),
    WORD(XFSZ),
    WORD(VTALRM),
    WORD(PROF),
    WORD(WINCH),
    WORD(IO),
    WORD(PWR),
    WORD(SYS),
    // Other names of the same, after those that are printed.
    WORD(IOT),
    WORD(CLD),
    WORD(POLL),
};
#undef WORD

// As libc has them: it keeps the kernel's first two real-time signals for itself.
constexpr int first_realtime = 34, last_realtime = 64;

}  // namespace

std::optional<int> signal_number(std::string_view word) {
  if (const auto number = parse_integer<int>(word)) {
    return *number >= 1 && *number <= last_realtime ? number : std::nullopt;
  }
  std::string name;
  for (const char c : word) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string_view rest = name;
  if (rest.starts_with("SIG")) rest.remove_prefix(3);
  for (const auto& known : signals) {
    if (known.word == rest) return known.value;
  }
  if (rest == "RTMIN") return first_realtime;
  if (rest == "RTMAX") return last_realtime;
  const bool from_first = rest.starts_with("RTMIN+"), from_last = rest.starts_with("RTMAX-");
  if (!from_first && !from_last) return std::nullopt;
  const auto distance = parse_integer<unsigned>(rest.substr(6));
  if (!distance || *distance > last_realtime - first_realtime) return std::nullopt;
  const int steps = static_cast<int>(*distance);
  return from_first ? first_realtime + steps : last_realtime - steps;
}

std::string signal_name(int number) {
  for (const auto& known : signals) {
    if (known.value == number) return fmt::format("SIG{}", known.word);
  }
  if (number == first_realtime) return "SIGRTMIN";
  if (number == last_realtime) return "SIGRTMAX";
  if (number > first_realtime && number < last_realtime)
    return fmt::format("SIGRTMIN+{}", number - first_realtime);
  return std::to_string(number);
}

int signal_to_send(std::string_view word) {
  if (word == "0") return 0;
  if (const auto number = signal_number(word)) return *number;
  throw Error{ErrorKind::InvalidArgument, fmt::format("unknown signal \"{}\"", printable(word))}
      .with_hint("a number from 0 to 64 or a name such as TERM, SIGKILL or RTMIN+1");
}

}  // namespace ocelot::oci
