#include "cgroups/hybrid_driver.hpp"

#include <utility>

#include "cgroups/failures.hpp"
#include "cgroups/setting.hpp"

namespace ocelot::cgroups {
namespace {

template <typename Value>
void move_if(bool condition, Value& from, Value& to) {
  if (condition) to = std::exchange(from, Value{});
}

}  // namespace

void HybridDriver::create() {
  v1_.create();
  try {
    v2_.create();
  } catch (...) {
    v1_.try_remove();
    throw;
  }
}

void HybridDriver::adopt() {
  v1_.adopt();
  try {
    v2_.adopt();
  } catch (...) {
    v1_.try_remove();
    throw;
  }
}

void HybridDriver::apply(const oci::Resources& resources) {
  const Split split =
      split_resources(resources, [&](std::string_view controller) { return v2_.has(controller); });
  v1_.apply(split.v1);
  v2_.apply(split.v2);
}

void HybridDriver::change(const oci::Resources& resources, Undo& undo) {
  const Split split =
      split_resources(resources, [&](std::string_view controller) { return v2_.has(controller); });
  v2_.change(split.v2, undo);
  v1_.change(split.v1, undo);
}

void HybridDriver::freeze(Freezer state) {
  v2_.freeze(state);
  // Whoever froze it on v1 (another runtime, an administrator) is overruled too.
  if (state == Freezer::thawed && v1_.frozen()) v1_.freeze(state);
}

bool HybridDriver::try_freeze(const Deadline& deadline) {
  return v2_.try_freeze(deadline);
}

void HybridDriver::kill_all() {
  if (v2_.send_kill()) {
    v1_.thaw_all();  // a process frozen on v1 dies only when thawed
    if (!v2_.wait_until_empty(Deadline{time_to_die})) fail_to_kill(processes());
  }
  v2_.kill_all();
  v1_.kill_all();  // whoever was put there alone
}

void HybridDriver::remove() {
  const bool v1_gone = v1_.try_remove();
  const bool v2_gone = v2_.try_remove();
  if (v1_gone && v2_gone) return;
  kill_all();
  v1_.remove();
  v2_.remove();
}

bool HybridDriver::remove_if_empty() {
  if (!processes().empty()) return false;
  const bool v1_gone = v1_.remove_if_empty();
  return v2_.remove_if_empty() && v1_gone;
}

std::optional<std::uint64_t> HybridDriver::oom_kills() const {
  const auto kills = v1_.oom_kills();
  return kills ? kills : v2_.oom_kills();
}

Stats HybridDriver::stats() const {
  Stats stats = v1_.stats();
  v2_.add_stats(stats);
  return stats;
}

Driver::OomNotice HybridDriver::oom_notice() const {
  OomNotice notice = v1_.oom_notice();
  return notice.fd ? std::move(notice) : v2_.oom_notice();
}

Split split_resources(const oci::Resources& resources,
                      const std::function<bool(std::string_view)>& on_v2) {
  Split split{resources, {}};
  move_if(on_v2("pids"), split.v1.pids, split.v2.pids);
  move_if(on_v2("memory"), split.v1.memory, split.v2.memory);
  move_if(on_v2("io"), split.v1.block_io, split.v2.block_io);
  move_if(on_v2("hugetlb"), split.v1.hugepage_limits, split.v2.hugepage_limits);
  move_if(on_v2("rdma"), split.v1.rdma, split.v2.rdma);
  if (split.v1.cpu && (on_v2("cpu") || on_v2("cpuset"))) {
    split.v2.cpu.emplace();
    // One object of the spec, two controllers: the lists belong to cpuset, all else to cpu.
    if (on_v2("cpu")) std::swap(*split.v1.cpu, *split.v2.cpu);
    if (on_v2("cpu") != on_v2("cpuset")) {
      std::swap(split.v1.cpu->cpus, split.v2.cpu->cpus);
      std::swap(split.v1.cpu->mems, split.v2.cpu->mems);
    }
  }
  // A file of a controller that is on v1 stays there, to be refused.
  for (const auto& [file, content] : resources.unified) {
    const std::string_view controller = controller_of(file);
    if (controller != "cgroup" && !on_v2(controller)) continue;
    split.v2.unified[file] = content;
    split.v1.unified.erase(file);
  }
  return split;
}

}  // namespace ocelot::cgroups
