#pragma once
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "cgroups/driver.hpp"
#include "runtime/base/process.hpp"

namespace ocelot::test {

// A way in which this machine's cgroups can be seen: one with v1 hierarchies and a v2 beside them
// stands also for a host that has those v1 hierarchies alone.
struct Host {
  std::string name;
  cgroups::Hierarchies hierarchies;
};
inline std::ostream& operator<<(std::ostream& out, const Host& host) {
  return out << host.name;
}
const std::vector<Host>& hosts();

// A cgroup of a test, "/ocelot-test-PID/NAME", made at construction and removed with all that is in
// it at the end.
class Container {
 public:
  explicit Container(const Host& host, const std::string& name = "c");
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  cgroups::Driver& driver() { return *driver_; }
  // A change as the update command makes it: all of it or nothing.
  void update(const oci::Resources& resources) {
    cgroups::all_or_nothing([&](cgroups::Undo& undo) { driver_->change(resources, undo); });
  }
  // As another command of the runtime sees it.
  std::unique_ptr<cgroups::Driver> another() const {
    return cgroups::make_driver(host_.hierarchies, location_);
  }

  // The directory in the hierarchy of `controller`; "" is the one that lists the processes: v2's,
  // else the freezer's.
  std::string directory(const std::string& controller = {}) const;
  std::vector<std::string> directories() const;
  std::string read(
      const std::string& file) const;  // the hierarchy is that of the file's controller

  // A process that is born or moves itself into it, as a container's init does, and then runs
  // `body`.
  ChildProcess start(const std::function<int()>& body) const;
  // One that does nothing, for ever.
  ChildProcess start_idle() const;
  // A sub-cgroup in the listing hierarchy, made as a process of the container would.
  std::string make_below(const std::string& name) const;

 private:
  Host host_;
  cgroups::Location location_;
  std::unique_ptr<cgroups::Driver> driver_;
};

// Waits until `holds`, for at most 20 s of looking again and again; false then. For what the kernel
// announces nowhere.
bool eventually(const std::function<bool()>& holds);

}  // namespace ocelot::test
