#include "cgroups/stats_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

struct Pair {
  std::string_view key, value;
};
Pair pair_of(std::string_view word, char separator) {
  const std::size_t at = word.find(separator);
  if (at == std::string_view::npos) return {word, {}};
  return {word.substr(0, at), word.substr(at + 1)};
}

// std::from_chars knows no floating point with this library's oldest version; strtod does not look
// at the locale here, which is never set.
double decimal(std::string_view text) {
  return std::strtod(std::string(text).c_str(), nullptr);
}

Stall stall_of(const std::vector<std::string_view>& parts) {
  Stall stall;
  for (const std::string_view word : parts) {
    const auto [key, value] = pair_of(word, '=');
    if (key == "avg10") stall.avg10 = decimal(value);
    if (key == "avg60") stall.avg60 = decimal(value);
    if (key == "avg300") stall.avg300 = decimal(value);
    if (key == "total") stall.total = parse_integer<std::uint64_t>(value).value_or(0);
  }
  return stall;
}

// "8:0"; false when it is none.
bool read_device(std::string_view text, IoEntry& entry) {
  const auto [major, minor] = pair_of(text, ':');
  const auto first = parse_integer<std::uint64_t>(major),
             second = parse_integer<std::uint64_t>(minor);
  if (!first || !second) return false;
  entry.major = *first;
  entry.minor = *second;
  return true;
}

}  // namespace

std::uint64_t one_number(std::string_view text) {
  text = trim(text);
  if (text == "max") return std::numeric_limits<std::uint64_t>::max();
  return parse_integer<std::uint64_t>(text).value_or(0);
}

std::vector<std::uint64_t> numbers(std::string_view text) {
  std::vector<std::uint64_t> all;
  for (const std::string_view word : words(text)) {
    if (const auto number = parse_integer<std::uint64_t>(word)) all.push_back(*number);
  }
  return all;
}

std::map<std::string, std::uint64_t> flat_keyed(std::string_view text) {
  std::map<std::string, std::uint64_t> values;
  for (const std::string_view line : split(text, '\n')) {
    const auto [key, value] = pair_of(line, ' ');
    if (const auto number = parse_integer<std::uint64_t>(trim(value))) values.emplace(key, *number);
  }
  return values;
}

std::optional<Pressure> pressure(std::string_view text) {
  std::optional<Pressure> found;
  for (const std::string_view line : split(text, '\n')) {
    const auto parts = words(line);
    if (parts.empty() || (parts[0] != "some" && parts[0] != "full")) continue;
    if (!found) found.emplace();
    (parts[0] == "some" ? found->some : found->full) = stall_of(parts);
  }
  return found;
}

IoEntries blkio(std::string_view text) {
  IoEntries entries;
  for (const std::string_view line : split(text, '\n')) {
    const auto parts = words(line);
    IoEntry entry;
    if (parts.size() < 2 || parts.size() > 3 || !read_device(parts[0], entry)) continue;
    if (parts.size() == 3) entry.op = parts[1];
    const auto value = parse_integer<std::uint64_t>(parts.back());
    if (!value) continue;
    entry.value = *value;
    entries.push_back(std::move(entry));
  }
  return entries;
}

void add_io_stat(std::string_view text, IoStats& io) {
  struct Field {
    std::string_view key;
    const char* op;
    IoEntries IoStats::*list;
  };
  static constexpr Field fields[] = {
      {"rbytes", "Read", &IoStats::service_bytes},    {"wbytes", "Write", &IoStats::service_bytes},
      {"dbytes", "Discard", &IoStats::service_bytes}, {"rios", "Read", &IoStats::serviced},
      {"wios", "Write", &IoStats::serviced},          {"dios", "Discard", &IoStats::serviced}};
  for (const std::string_view line : split(text, '\n')) {
    const auto parts = words(line);
    IoEntry entry;
    if (parts.empty() || !read_device(parts[0], entry)) continue;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const auto [key, value] = pair_of(parts[i], '=');
      const auto field = std::ranges::find(fields, key, &Field::key);
      const auto number = parse_integer<std::uint64_t>(value);
      if (field == std::end(fields) || !number) continue;
      entry.op = field->op;
      entry.value = *number;
      (io.*field->list).push_back(entry);
    }
  }
}

std::string text_of(const Cgroup* cgroup, const std::string& file) {
  return cgroup == nullptr ? std::string() : cgroup->read(file).value_or("");
}

std::vector<std::string> huge_page_sizes(const Cgroup& cgroup, std::string_view suffix) {
  constexpr std::string_view prefix = "hugetlb.";
  std::vector<std::string> sizes;
  if (cgroup.find() == -1) return sizes;
  for (const sys::DirectoryEntry& entry : sys::list_directory(cgroup.fd())) {
    const std::string_view name = entry.name;
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    const std::string_view size =
        name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (size.find('.') == std::string_view::npos) sizes.emplace_back(size);  // not its "rsvd" file
  }
  std::ranges::sort(sizes);
  return sizes;
}

}  // namespace ocelot::cgroups
