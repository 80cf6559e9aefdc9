#include "tests/kernel/shim/shim_client.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <stdexcept>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"
#include "tests/support/check.hpp"
#include "tests/support/probe.hpp"

namespace ocelot::test {

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr int counted = 40;  // a realtime signal

}  // namespace

ocelot::UniqueFd connect_to_shim(const Runtime& runtime) {
  return connect_unix(runtime.root() + "/c/control.sock", SOCK_SEQPACKET | SOCK_CLOEXEC);
}

control::Client client_of(const Runtime& runtime) {
  const ocelot::UniqueFd directory =
      sys::open(AT_FDCWD, runtime.root() + "/c", O_RDONLY | O_DIRECTORY);
  auto client = control::Client::connect_if_listening(directory.get());
  if (!client) throw std::runtime_error("the container has no shim");
  return std::move(*client);
}

json ask(control::Client& client, const std::string& document) {
  return json::parse(client.request(document, {}, control::Clock::now() + 20s).document);
}

Counter::Counter(const Runtime& runtime)
    : shimmed_{runtime,
               bundle_.args(probe_args({{"count-signals", std::to_string(counted)}})),
               {"--output-log", files_ / "log"}} {
  Command attached{runtime.command({"attach", "--no-stdin", "c"})};
  attached.read_until("ready\n");
}

std::string Counter::hit(unsigned long tag) {
  return json{{"operation", "kill"}, {"signal", counted}, {"tag", tag}}.dump();
}

unsigned long Counter::count() const {
  shimmed_.call({"kill"}, {"TERM"});
  shimmed_.wait();
  const std::string log = test::read_file(files_ / "log");
  return json::parse(log.substr(log.find('['))).at(0).at("result");
}

long private_dirty_kib(pid_t pid) {
  const std::string text = read_file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  constexpr std::string_view member = "Private_Dirty:";
  return std::stol(text.substr(text.find(member) + member.size()));
}

unsigned long served(const json& status, const std::string& operation) {
  const json& latency = status.at("control").at("latency");
  return latency.contains(operation) ? latency.at(operation).at("count").get<unsigned long>() : 0;
}

}  // namespace ocelot::test
