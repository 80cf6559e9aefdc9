#include "tests/bench/view.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/bench/measure.hpp"
#include "tests/support/command.hpp"

namespace ocelot::bench {
namespace {

std::string without(std::string text, const std::string& id) {
  for (std::size_t at; (at = text.find(id)) != std::string::npos;)
    text.replace(at, id.size(), "ID");
  return text;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// One mount of /proc/PID/mountinfo.
void add_mount(View& view, const std::string& from, const std::string& line) {
  std::istringstream fields(line);
  std::string number, parent, device, root, target, options, word, type;
  fields >> number >> parent >> device >> root >> target >> options;
  while (fields >> word && word != "-") continue;
  fields >> type;
  if (target == "/") root = "ROOTFS";
  // A masked file is a null device: the container's own and the host's are the same to it.
  if (root == "/null") type = "device", options = "any";
  view[from + " mount " + target] = fmt::format("{} {} {}", type, root, options);
}

void add_mounts(View& view, const std::string& from, const std::string& mountinfo) {
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) add_mount(view, from, line);
}

void add_cgroups(View& view, const std::string& from, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto path = line.rfind(':');
    view[from + " cgroup " + line.substr(0, path)] = line.substr(path + 1);
  }
}

// `link` is "pid:[4026531836]".
void add_namespace(View& view, const std::string& from, const std::string& link) {
  const std::string type = link.substr(0, link.find(':'));
  const bool ours = std::filesystem::read_symlink("/proc/self/ns/" + type) == link;
  view[from + " namespace " + type] = ours ? "of the host" : "of its own";
}

void look_inside(View& view, const std::string& said, const std::string& id) {
  std::istringstream lines(said);
  int part = 0;
  for (std::string line; std::getline(lines, line) && line != "end";) {
    if (line == "--") {
      ++part;
    } else if (part == 0) {
      add_mount(view, "inside", without(line, id));
    } else if (part == 1) {
      add_namespace(view, "inside", line);
    } else if (part == 2) {
      add_cgroups(view, "inside", without(line, id));
    } else {
      const auto name = line.find_first_of(":\t");
      view["process " + line.substr(0, name)] = line.substr(name == std::string::npos ? 0 : name);
    }
  }
}

void look_from_here(View& view, pid_t pid, const Runtime& runtime) {
  const std::string proc = fmt::format("/proc/{}/", pid);
  add_mounts(view, "host", without(read_file(proc + "mountinfo"), runtime.id()));
  add_cgroups(view, "host", without(read_file(proc + "cgroup"), runtime.id()));
  for (const char* type : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"})
    add_namespace(view, "host", std::filesystem::read_symlink(proc + "ns/" + type));
  const std::string list = "/sys/fs/cgroup/devices/" + runtime.id() + "/devices.list";
  if (const std::string rules = read_file(list); !rules.empty())
    view["devices"] = rules.starts_with("a ") ? "all allowed" : "restricted";
}

pid_t only_child() {
  std::istringstream children(read_file(fmt::format("/proc/self/task/{}/children", getpid())));
  pid_t child = 0;
  pid_t second = 0;
  if (!(children >> child) || children >> second)
    throw std::runtime_error("`create` must leave one process");
  return child;
}

// What a runtime does otherwise than the specification asks, and what it is allowed to.
struct Known {
  const char* runtime;
  const char* fact;  // the end of its name
  const char* why;
};
constexpr Known kKnown[] = {
    {"crun", "mount /sys/fs/cgroup", "leaves the tmpfs writable although the option is ro"},
    {"runc", "mount /sys/fs/cgroup", "leaves the tmpfs writable although the option is ro"},
};

std::string known(const Runtime& runtime, const std::string& fact) {
  for (const auto& each : kKnown)
    if (runtime.name == each.runtime && fact.ends_with(each.fact)) return each.why;
  return {};
}

std::string value(const View& view, const std::string& fact) {
  const auto found = view.find(fact);
  return found == view.end() ? "" : found->second;
}

}  // namespace

View look(const Runtime& runtime, const Scene& scene) {
  test::Command create(runtime.argv(Verb::Create, scene, scene.looking_bundle),
                       {.keep_input_open = true});
  if (const auto output = create.wait(); output.status != 0)
    throw std::runtime_error(fmt::format("{} create: {}", runtime.name, output.err));
  const pid_t init = only_child();
  execute(runtime.argv(Verb::Start, scene, scene.looking_bundle));
  View view;
  look_inside(view, create.read_until("end\n"), runtime.id());
  look_from_here(view, init, runtime);
  create.write("\n");
  waitpid(init, nullptr, 0);
  execute(runtime.argv(Verb::Delete, scene, scene.looking_bundle));
  return view;
}

std::vector<Difference> compare(const Runtime& runtime, const View& expected, const View& found) {
  View all = expected;
  all.insert(found.begin(), found.end());
  std::vector<Difference> differences;
  for (const auto& [fact, unused] : all) {
    const std::string before = value(expected, fact);
    const std::string after = value(found, fact);
    if (before != after) differences.push_back({fact, before, after, known(runtime, fact)});
  }
  return differences;
}

}  // namespace ocelot::bench
