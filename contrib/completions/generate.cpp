// Writes the completions of a shell, bash, zsh or fish, to standard output: generate SHELL.
#include <cstdio>
#include <string>
#include <string_view>

#include "contrib/completions/shells.hpp"

int main(int argc, char* argv[]) {
  if (argc != 2) return 2;
  const std::string_view shell = argv[1];
  std::string script;
  if (shell == "bash") script = ocelot::completions::bash();
  if (shell == "zsh") script = ocelot::completions::zsh();
  if (shell == "fish") script = ocelot::completions::fish();
  const bool written = std::fwrite(script.data(), 1, script.size(), stdout) == script.size() &&
                       std::fflush(stdout) == 0;
  return !script.empty() && written ? 0 : 1;
}
