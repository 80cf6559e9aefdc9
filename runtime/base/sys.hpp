#pragma once
#include <cerrno>
#include <string>

// The kernel, one thin function a call. Only runtime/base/sys* calls it directly.
//
// A wrapper retries EINTR where that is right, makes every descriptor close-on-exec, and on failure
// throws an Error that names the call, its arguments and errno. Where absence or refusal is an
// ordinary answer the function has a twin that returns std::optional or an errno (0 on success),
// named `*_if_exists` or `try_*`.
namespace ocelot::sys {

// Repeats a call that a signal interrupted.
template <typename Call>
auto retry(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

// Throws Error{Failed} with `call` and the text of `error_number`.
[[noreturn]] void fail(int error_number, std::string call);

}  // namespace ocelot::sys
