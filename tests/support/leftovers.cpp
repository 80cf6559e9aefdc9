#include "tests/support/leftovers.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/command.hpp"

namespace ocelot::test {
namespace {

namespace fs = std::filesystem;

struct Process {
  pid_t pid;
  pid_t parent;
  char state;
  std::string name;
};

std::vector<Process> processes() {
  std::vector<Process> all;
  for (const fs::directory_entry& entry : fs::directory_iterator{"/proc"}) {
    std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string stat;
    try {
      stat = read_file(entry.path().string() + "/stat");
    } catch (const std::exception&) {  // ended while we looked
      continue;
    }
    size_t open = stat.find('(');
    size_t close = stat.rfind(')');
    if (close == std::string::npos) continue;
    std::istringstream rest{stat.substr(close + 1)};
    Process process{std::stoi(stat), 0, '?', stat.substr(open + 1, close - open - 1)};
    rest >> process.state >> process.parent;
    all.push_back(process);
  }
  return all;
}

std::vector<Process> descendants() {
  std::vector<Process> found;
  std::set<pid_t> ours{::getpid()};
  std::vector<Process> all = processes();
  for (bool grew = true; grew;) {
    grew = false;
    for (const Process& process : all)
      if (ours.contains(process.parent) && ours.insert(process.pid).second) {
        grew = true;
        if (process.state != 'Z' && process.state != 'X') found.push_back(process);
      }
  }
  return found;
}

void wait_briefly(const std::vector<Process>& leaving) {
  for (const Process& process : leaving) {
    try {
      UniqueFd pidfd = open_pidfd(process.pid);
      wait_for_end(pidfd.get(), std::chrono::seconds{1});
    } catch (const std::exception&) {  // gone, or here to stay
    }
  }
}

}  // namespace

std::vector<std::string> living_descendants() {
  std::vector<std::string> lines;
  for (const Process& process : descendants())
    lines.push_back(std::to_string(process.pid) + " " + process.name);
  return lines;
}

std::vector<std::string> files_below(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it{directory, error}, end; !error && it != end;
       it.increment(error))
    paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

void become_subreaper() {
  checked(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "PR_SET_CHILD_SUBREAPER");
}

void reap_children_but(pid_t stays) {
  constexpr int patience_ms = 10'000;
  for (;;) {  // theirs become ours when they end
    std::vector<UniqueFd> children;
    std::vector<pollfd> ends;
    for (const Process& process : processes()) {
      if (process.parent != ::getpid() || process.pid == stays) continue;
      children.push_back(open_pidfd(process.pid));
      ends.push_back({children.back().get(), POLLIN, 0});
    }
    if (ends.empty()) return;
    if (::poll(ends.data(), ends.size(), patience_ms) <= 0)
      throw std::runtime_error("no child of this process ends");
    for (const pollfd& end : ends)
      if (end.revents != 0) wait_for_end(end.fd);
  }
}

void isolate_mounts() {
  if (::unshare(CLONE_NEWNS) == -1) return;
  checked(::mount("", "/", nullptr, MS_REC | MS_SLAVE, nullptr), "mount / rslave");
}

Leftovers::Leftovers(std::vector<std::string> directories, Scope scope)
    : directories_{std::move(directories)}, scope_{scope}, before_{now()} {}

std::set<std::string> Leftovers::now() const {
  std::set<std::string> items;
  std::istringstream mounts{read_file("/proc/self/mountinfo")};
  for (std::string line; std::getline(mounts, line);) items.insert("mount " + line);
  for (const std::string& cgroup : scope_ == Scope::Machine ? all_cgroups() : our_cgroups())
    items.insert("cgroup " + cgroup);
  for (const std::string& process : living_descendants()) items.insert("process " + process);
  for (const std::string& directory : directories_)
    for (const std::string& file : files_below(directory)) items.insert("file " + file);
  return items;
}

std::vector<std::string> Leftovers::since() const {
  std::vector<Process> leaving = descendants();
  std::erase_if(leaving, [&](const Process& process) {
    return before_.contains("process " + std::to_string(process.pid) + " " + process.name);
  });
  wait_briefly(leaving);
  std::set<std::string> after = now();
  std::vector<std::string> added;
  std::set_difference(after.begin(), after.end(), before_.begin(), before_.end(),
                      std::back_inserter(added));
  return added;
}

}  // namespace ocelot::test
