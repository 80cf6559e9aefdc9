#include "container.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "cgroups/setting.hpp"
#include "runtime/base/sys_files.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"

namespace ocelot::test {

using namespace ocelot::cgroups;

const std::vector<Host>& hosts() {
  static const std::vector<Host> all = [] {
    const Hierarchies found = detect();
    if (found.mode == Mode::unified) return std::vector<Host>{{"unified", found}};
    std::vector<Host> ways;
    if (found.mode == Mode::hybrid) ways.push_back({"hybrid", found});
    Hierarchies v1 = found;
    v1.mode = Mode::legacy;
    std::erase_if(v1.all, [](const auto& hierarchy) { return hierarchy.unified; });
    ways.push_back({"legacy", v1});
    return ways;
  }();
  return all;
}

Container::Container(const Host& host, const std::string& name)
    : host_(host),
      location_(locate(host.hierarchies, Manager::cgroupfs, cgroup_parent() + "/" + name, name)),
      driver_(make_driver(host.hierarchies, location_)) {
  driver_->create();
}

Container::~Container() {
  try {
    driver_->remove();
  } catch (const std::exception&) {
    // The check for leftovers at the end of the program tells.
  }
}

std::string Container::directory(const std::string& controller) const {
  const Hierarchies& all = host_.hierarchies;
  const cgroups::Hierarchy* hierarchy = nullptr;
  if (controller.empty() || controller == "cgroup") {
    hierarchy = all.unified_one() != nullptr ? all.unified_one() : all.with_controller("freezer");
  } else {
    hierarchy = all.with_controller(controller);
  }
  if (hierarchy == nullptr) throw std::runtime_error("no hierarchy for " + controller);
  return hierarchy->mount_point + location_.paths.at(hierarchy->name);
}

std::vector<std::string> Container::directories() const {
  std::vector<std::string> all;
  for (const auto& hierarchy : host_.hierarchies.all)
    all.push_back(hierarchy.mount_point + location_.paths.at(hierarchy.name));
  return all;
}

std::string Container::read(const std::string& file) const {
  return test::read_file(directory(std::string(controller_of(file))) + "/" + file);
}

ChildProcess Container::start(const std::function<int()>& body) const {
  const auto birth = driver_->birth_directory();
  const std::vector<UniqueFd> files = driver_->membership_files();
  ocelot::UniqueFd none;
  auto [ready, tell] = sys::pipe();
  ChildProcess child = spawn(
      "ocelot-test", {.cgroup = birth ? birth->get() : -1},
      [&] {
        for (const ocelot::UniqueFd& file : files) sys::write_all(file.get(), "0");
        sys::write_all(tell.get(), "x");
        return body();
      },
      [](const Error& error) { dprintf(2, "child: %s\n", error.what()); });
  tell.reset();
  char byte = 0;
  if (sys::read_some(ready.get(), {&byte, 1}) != 1)
    throw std::runtime_error("the child did not get into its cgroups");
  return child;
}

ChildProcess Container::start_idle() const {
  return start([] {
    for (;;) ::pause();
    return 0;
  });
}

std::string Container::make_below(const std::string& name) const {
  const std::string path = directory() + "/" + name;
  std::filesystem::create_directories(path);
  return path;
}

bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    wait_changed(-1, std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace ocelot::test
