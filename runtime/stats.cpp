#include "runtime/stats.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/lookup.hpp"
#include "runtime/stats_reader.hpp"

namespace ocelot {
namespace {

// Namespaces are the same when the inodes that stand for them are.
bool has_own_network(int proc) {
  const auto theirs = sys::stat_following(fmt::format("/proc/self/fd/{}/ns/net", proc));
  const auto ours = sys::stat_following("/proc/self/ns/net");
  return theirs && ours && theirs->st_ino != ours->st_ino;
}

std::vector<InterfaceStats> interfaces_of(pid_t pid, int init) {
  const auto proc =
      sys::open_if_exists(AT_FDCWD, fmt::format("/proc/{}", pid), O_PATH | O_DIRECTORY);
  // While init lives that directory is init's.
  if (!proc || wait_readable(init, 0) || !has_own_network(proc->get())) return {};
  return parse_net_dev(read_file_if_exists(proc->get(), "net/dev").value_or(""));
}

}  // namespace

StatsReader::StatsReader(const GlobalOptions& global, const std::string& id)
    : directory_(look_at_container(global, id)),
      container_(load_container(directory_.get(), id)),
      init_(container_.living_init(fmt::format("container with id {} is not running", id))) {}

ContainerStats StatsReader::read() const {
  return {.cgroup = container_.cgroup().stats(),
          .interfaces = interfaces_of(container_.record().init->pid, init_.get())};
}

ContainerStats stats(const GlobalOptions& global, const std::string& id) {
  return StatsReader{global, id}.read();
}

}  // namespace ocelot
