#include "tests/support/cgroups.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream in{text};
  for (std::string word; std::getline(in, word, separator);)
    if (!word.empty()) words.push_back(word);
  return words;
}

std::vector<Hierarchy> find_hierarchies() {
  static const std::vector<std::string> known{
      "blkio",  "cpu",     "cpuacct",  "cpuset",     "devices", "freezer", "hugetlb",
      "memory", "net_cls", "net_prio", "perf_event", "pids",    "rdma",    "misc"};
  std::vector<Hierarchy> found;
  for (const std::string& line : split(read_file("/proc/self/mountinfo"), '\n')) {
    std::vector<std::string> words = split(line, ' ');
    auto dash = std::find(words.begin(), words.end(), "-");
    if (words.end() - dash < 4 || words[3] != "/") continue;
    Hierarchy hierarchy{words[4], {}, dash[1] == "cgroup2"};
    if (dash[1] == "cgroup2") {
      std::string controllers = read_file(words[4] + "/cgroup.controllers");
      std::replace(controllers.begin(), controllers.end(), '\n', ' ');
      hierarchy.controllers = split(controllers, ' ');
    } else if (dash[1] == "cgroup") {
      for (const std::string& option : split(dash[3], ','))
        if (option.starts_with("name=") || std::count(known.begin(), known.end(), option) != 0)
          hierarchy.controllers.push_back(option);
    } else {
      continue;
    }
    bool seen = std::any_of(found.begin(), found.end(), [&](const Hierarchy& other) {
      return other.mount_point == hierarchy.mount_point ||
             (other.unified == hierarchy.unified && other.controllers == hierarchy.controllers);
    });
    if (!seen) found.push_back(hierarchy);
  }
  return found;
}

void walk(const std::string& directory, std::vector<std::string>& out) {
  std::error_code ignored;  // others make and remove cgroups while we look
  for (fs::directory_iterator it{directory, ignored}, end; !ignored && it != end;
       it.increment(ignored)) {
    if (!it->is_directory(ignored) || it->is_symlink(ignored)) continue;
    out.push_back(it->path());
    walk(it->path(), out);
  }
}

// Empty in a new v1 cpuset, and then no process can join it.
void copy_cpuset(const std::string& parent, const std::string& child) {
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems"})
    write_file(child + file, read_file(parent + file));
}

class Parent {
 public:
  Parent() {
    for (const Hierarchy& hierarchy : hierarchies()) {
      std::string directory = hierarchy.mount_point + "/" + mark();
      if (::mkdir(directory.c_str(), 0755) != 0) return;
      made_.push_back(directory);
      if (!hierarchy.unified && fs::exists(directory + "/cpuset.cpus"))
        copy_cpuset(hierarchy.mount_point, directory);
    }
    usable_ = !made_.empty();
  }
  ~Parent() {
    for (const std::string& directory : made_) ::rmdir(directory.c_str());
  }
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  bool usable() const { return usable_; }

 private:
  std::vector<std::string> made_;
  bool usable_ = false;
};

}  // namespace

const std::vector<Hierarchy>& hierarchies() {
  static const std::vector<Hierarchy> all = find_hierarchies();
  return all;
}

bool is_unified() {
  const auto& all = hierarchies();
  return all.size() == 1 && all.front().unified;
}

std::string cgroup_directory(const std::string& controller, const std::string& path) {
  for (const Hierarchy& hierarchy : hierarchies())
    if (std::count(hierarchy.controllers.begin(), hierarchy.controllers.end(), controller) != 0)
      return hierarchy.mount_point + path;
  return {};
}

std::string mark() {
  return "ocelot-test-" + std::to_string(::getpid());
}

std::string cgroup_parent() {
  static const Parent parent;
  return parent.usable() ? "/" + mark() : std::string{};
}

std::vector<std::string> all_cgroups() {
  std::vector<std::string> directories;
  for (const Hierarchy& hierarchy : hierarchies()) walk(hierarchy.mount_point, directories);
  return directories;
}

std::vector<std::string> our_cgroups() {
  std::vector<std::string> ours = all_cgroups();
  std::erase_if(ours, [](const std::string& directory) {
    std::string tail = directory + "/";
    size_t at = tail.find("/" + mark());
    if (at == std::string::npos) return true;
    char after = tail[at + 1 + mark().size()];  // the pid may be the start of a longer one
    return (after >= '0' && after <= '9') || tail.ends_with("/" + mark() + "/");
  });
  return ours;
}

}  // namespace ocelot::test
