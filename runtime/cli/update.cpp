#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "oci/read_spec.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/cli/size.hpp"
#include "runtime/cli/update_request.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

[[noreturn]] void refuse(const Option& option, std::string_view word, const char* hint) {
  throw Error{ErrorKind::InvalidArgument,
              fmt::format("invalid value for {}: {}", option.name, printable(word))}
      .with_hint(hint);
}

// The options that were given; the rest stays as it is in the container.
class Given {
 public:
  explicit Given(const Arguments& arguments) : arguments_(arguments) {}

  template <typename Number>
  bool number(const Option& option, std::optional<Number>& out) const {
    const std::string_view word = arguments_.text(option);
    if (word.empty()) return false;
    out = parse_integer<Number>(word);
    if (!out) refuse(option, word, "must be a whole number in the range of the setting");
    return true;
  }
  bool size(const Option& option, std::optional<std::int64_t>& out) const {
    const std::string_view word = arguments_.text(option);
    if (word.empty()) return false;
    out = parse_size(word);
    if (!out) refuse(option, word, "a number of bytes, with k, m, g or t, or -1 for no limit");
    return true;
  }
  bool word(const Option& option, std::string& out) const {
    out = arguments_.text(option);
    return !out.empty();
  }

 private:
  const Arguments& arguments_;
};

oci::Resources resources_of_options(const Arguments& arguments) {
  const Given given{arguments};
  oci::Resources resources;
  oci::CpuResources cpu;
  bool any = given.number(option::cpu_share, cpu.shares);
  any |= given.number(option::cpu_quota, cpu.quota);
  any |= given.number(option::cpu_period, cpu.period);
  any |= given.number(option::cpu_burst, cpu.burst);
  any |= given.number(option::cpu_rt_runtime, cpu.realtime_runtime);
  any |= given.number(option::cpu_rt_period, cpu.realtime_period);
  any |= given.number(option::cpu_idle, cpu.idle);
  any |= given.word(option::cpuset_cpus, cpu.cpus);
  any |= given.word(option::cpuset_mems, cpu.mems);
  if (any) resources.cpu = std::move(cpu);
  oci::MemoryResources memory;
  any = given.size(option::memory, memory.limit);
  any |= given.size(option::memory_reservation, memory.reservation);
  any |= given.size(option::memory_swap, memory.swap);
  if (any) resources.memory = memory;
  if (oci::PidsResources pids; given.number(option::pids_limit, pids.limit)) resources.pids = pids;
  if (oci::BlockIoResources io; given.number(option::blkio_weight, io.weight))
    resources.block_io = std::move(io);
  return resources;
}

oci::ReadResources read_resources_from(const std::string& file, const std::string& text) {
  Context at{[&] { return "resources " + (file == "-" ? "on standard input" : file); }};
  return oci::read_resources(text);
}

}  // namespace

int update(const GlobalOptions& global, const Arguments& arguments) {
  const std::string file(arguments.text(option::resources));
  const std::string id(arguments.operands().front());
  if (file.empty()) {
    const oci::Resources resources = resources_of_options(arguments);
    ask_or_act(global, id, update_request(resources), [&] {
      ocelot::update(global, id, {resources, {}});
    });
    return 0;
  }
  const std::string text = file == "-" ? sys::read_all(STDIN_FILENO) : read_file(AT_FDCWD, file);
  const oci::ReadResources requested = read_resources_from(file, text);
  ask_or_act(global, id, update_request(text), [&] { ocelot::update(global, id, requested); });
  return 0;
}

}  // namespace ocelot::cli
