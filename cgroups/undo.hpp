#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/setting.hpp"

namespace ocelot::cgroups {

// What brings a file of a cgroup back to where it was: `setting` is about to be written, and the
// file reads `current`. A file of one line a device gets the line of that device again, or the one
// that lifts its limit.
std::string restoring_value(const Setting& setting, std::string_view current);

// What an update has written, and what was there before.
class Undo {
 public:
  // To be asked before `setting` is written, and added once it is. nullopt where the file is not
  // there.
  struct Entry {
    const Cgroup* cgroup;
    std::string file, value;
  };
  static std::optional<Entry> before(const Cgroup& cgroup, const Setting& setting);
  void add(Entry entry) { entries_.push_back(std::move(entry)); }

  // How many files it knows, and what those beyond the first `count` of them hold now.
  std::size_t size() const { return entries_.size(); }
  Settings written_since(std::size_t count) const;

  // What is to be told of the files once they are written back; what is told may be written there
  // by whoever hears it, so they are written once more.
  void set_listener(std::function<void()> tell) { listener_ = std::move(tell); }

  // Writes all of it back, the last first; the text of each failure.
  std::vector<std::string> restore();

 private:
  std::vector<std::string> write_back() const;

  std::function<void()> listener_;
  std::vector<Entry> entries_;
};

// Calls `change` with an Undo. When it throws, all that the Undo knows is restored, and the error
// goes on; where restoring fails too, the error says both.
void all_or_nothing(const std::function<void(Undo&)>& change);

}  // namespace ocelot::cgroups
