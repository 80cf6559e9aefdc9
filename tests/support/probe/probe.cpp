// probe                        prints the report: one JSON document of what this process sees
// probe report [SYSCTL...]     the same, with the sysctls that are named ("net.ipv4.ip_forward")
// probe ACTION [, ACTION]...   carries out the actions in order and prints a JSON array of outcomes
//
// The actions are listed in actions.cpp.
#include "tests/support/probe/probe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace probe {

Json outcome(long result) {
  if (result != -1) return {{"ok", true}, {"result", result}};
  const char* name = ::strerrorname_np(errno);
  return {{"ok", false}, {"errno", name != nullptr ? name : std::to_string(errno)}};
}

std::string slurp(const std::string& path) {
  std::string text;
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd == -1) return text;
  char buffer[8192];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  ::close(fd);
  return text;
}

std::string link_target(const std::string& path) {
  char buffer[4096];
  ssize_t n = ::readlink(path.c_str(), buffer, sizeof buffer);
  return n < 0 ? std::string{} : std::string{buffer, static_cast<size_t>(n)};
}

}  // namespace probe

namespace {

using probe::Json;
using probe::Words;

void print(const Json& document) {
  std::string text =
      document.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace) + "\n";
  for (size_t done = 0; done < text.size();) {
    ssize_t n = ::write(1, text.data() + done, text.size() - done);
    if (n <= 0) ::_exit(3);
    done += static_cast<size_t>(n);
  }
}

Json report(const Words& argv, const Words& sysctls) {
  Json all = probe::identity();
  all["argv"] = argv;
  all.update(probe::scheduling());
  all.update(probe::surroundings(sysctls));
  return all;
}

}  // namespace

int main(int argc, char* argv[]) {
  Words words{argv, argv + argc};
  Words rest{words.begin() + (argc > 0 ? 1 : 0), words.end()};
  const bool single = std::find(rest.begin(), rest.end(), ",") == rest.end();
  if (rest.empty() || (single && rest.front() == "report")) {
    if (!rest.empty()) rest.erase(rest.begin());
    print(report(words, rest));
    return 0;
  }
  Json outcomes = Json::array();
  Words action;
  rest.push_back(",");
  for (const std::string& word : rest) {
    if (word != ",") {
      action.push_back(word);
      continue;
    }
    if (action.empty()) continue;
    if (action.front() == "exit") {
      if (!outcomes.empty()) print(outcomes);
      return std::stoi(action.at(1));
    }
    outcomes.push_back(action.front() == "report"
                           ? report(words, {action.begin() + 1, action.end()})
                           : probe::act(action));
    action.clear();
  }
  print(outcomes);
  return 0;
}
