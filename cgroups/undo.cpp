#include "cgroups/undo.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

// A file that holds a line for each device (or interface): what lifts the limit of one.
struct KeyedFile {
  std::string_view file;
  std::string_view lifted;
};
constexpr KeyedFile keyed_files[] = {
    {"io.max", "rbps=max wbps=max riops=max wiops=max"},
    {"rdma.max", "hca_handle=max hca_object=max"},
    {"io.weight", "default"},
    {"io.bfq.weight", "0"},
    {"blkio.bfq.weight_device", "0"},
    {"blkio.weight_device", "0"},
    {"blkio.leaf_weight_device", "0"},
    {"blkio.throttle.read_bps_device", "0"},
    {"blkio.throttle.write_bps_device", "0"},
    {"blkio.throttle.read_iops_device", "0"},
    {"blkio.throttle.write_iops_device", "0"},
    {"net_prio.ifpriomap", "0"},
};

const KeyedFile* keyed(std::string_view file) {
  for (const KeyedFile& known : keyed_files) {
    if (known.file == file) return &known;
  }
  return nullptr;
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

}  // namespace

std::string restoring_value(const Setting& setting, std::string_view current) {
  if (setting.file == "memory.oom_control")
    return std::to_string(value_of(current, "oom_kill_disable").value_or(0));
  const KeyedFile* file = keyed(setting.file);
  if (file == nullptr) {
    const std::string value(trim(current));
    return value.empty() ? "\n" : value;  // a write of nothing does nothing
  }
  // Without a device a weight is that of all others, which its file calls default.
  const bool names_one = setting.value.find(' ') != std::string::npos;
  const std::string_view key = names_one ? first_word(setting.value) : "default";
  for (const std::string_view line : split(current, '\n')) {
    if (first_word(line) == key) return std::string(line);
  }
  if (!names_one) return std::string(trim(current));
  return fmt::format("{} {}", key, file->lifted);
}

std::optional<Undo::Entry> Undo::before(const Cgroup& cgroup, const Setting& setting) {
  const auto current = cgroup.read(setting.file);
  if (!current) return std::nullopt;
  return Entry{&cgroup, setting.file, restoring_value(setting, *current)};
}

Settings Undo::written_since(std::size_t count) const {
  Settings written;
  for (std::size_t i = count; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (const auto now = entry.cgroup->read(entry.file))
      written.push_back({entry.file, std::string(trim(*now))});
  }
  return written;
}

std::vector<std::string> Undo::write_back() const {
  std::vector<std::string> failures;
  std::vector<Entry> again;
  const auto fail = [&](const Entry& entry, int error_number) {
    const Error error{ErrorKind::Failed,
                      fmt::format("write \"{}\" to {}/{}", printable(entry.value),
                                  entry.cgroup->directory(), entry.file),
                      error_number};
    failures.emplace_back(error.what());
  };
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const int error_number = entry->cgroup->try_write(entry->file, entry->value);
    // As when they were set: some files are checked against others, which come later.
    if (error_number == EINVAL) {
      again.push_back(*entry);
    } else if (error_number != 0) {
      fail(*entry, error_number);
    }
  }
  for (const Entry& entry : again) {
    if (const int error_number = entry.cgroup->try_write(entry.file, entry.value))
      fail(entry, error_number);
  }
  return failures;
}

std::vector<std::string> Undo::restore() {
  std::vector<std::string> failures = write_back();
  if (listener_) {
    try {
      listener_();
      failures = write_back();
    } catch (const Error& error) {
      failures.emplace_back(error.what());
    }
  }
  entries_.clear();
  listener_ = nullptr;
  return failures;
}

void all_or_nothing(const std::function<void(Undo&)>& change) {
  Undo undo;
  try {
    change(undo);
  } catch (const Error& error) {
    const std::vector<std::string> failures = undo.restore();
    if (failures.empty()) throw;
    throw Error::relayed(error.kind(), error.error_number(),
                         fmt::format("{}; and what it had changed could not be restored: {}",
                                     error.what(), fmt::join(failures, "; ")),
                         error.hint());
  }
}

}  // namespace ocelot::cgroups
