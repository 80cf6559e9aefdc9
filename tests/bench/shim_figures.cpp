#include "tests/bench/shim_figures.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "runtime/base/sys_files.hpp"
#include "tests/bench/measure.hpp"

namespace ocelot::bench {
namespace {

const std::string root = "/run/bench/ocelot";

control::Clock::time_point soon() {
  return control::Clock::now() + std::chrono::seconds{20};
}

}  // namespace

Served::Served(const std::string& ocelot, const std::string& bundle, std::string id)
    : ocelot_(ocelot), id_(std::move(id)) {
  execute({ocelot_, "--root", root, "run", "--detach", "--shim", "--bundle", bundle, id_});
  const UniqueFd directory =
      sys::open(AT_FDCWD, root + "/" + id_, O_PATH | O_DIRECTORY | O_CLOEXEC);
  client_ = control::Client::connect_if_listening(directory.get());
  if (!client_) throw std::runtime_error("the container has no shim");
  shim_pid_ = nlohmann::json::parse(ask(R"({"operation":"status"})")).at("pid");
}

Served::~Served() {
  try {
    execute(command({"delete", "--force"}));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
  waitpid(shim_pid_, nullptr, 0);
}

std::string Served::ask(const std::string& document) {
  return client_->request(document, {}, soon()).document;
}

void Served::run_true() {
  const auto made =
      nlohmann::json::parse(ask(R"({"operation":"exec","args":["/bin/true"],"cwd":"/"})"));
  ask(fmt::format(R"({{"operation":"wait","process":"{}"}})",
                  made.at("process").get<std::string>()));
}

std::vector<std::string> Served::command(std::vector<std::string> words) const {
  std::vector<std::string> argv{ocelot_, "--root", root};
  argv.insert(argv.end(), words.begin(), words.end());
  argv.push_back(id_);
  return argv;
}

Memory memory_of(pid_t pid) {
  std::ifstream file{fmt::format("/proc/{}/smaps_rollup", pid)};
  Memory memory;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields{line};
    std::string name;
    long kib = 0;
    fields >> name >> kib;
    if (name == "Private_Dirty:") memory.private_dirty = kib;
    if (name == "Private_Clean:") memory.private_clean = kib;
    if (name == "Pss:") memory.pss = kib;
  }
  return memory;
}

Other::Other(std::string program, const std::string& bundle)
    : program_(std::move(program)), id_(fmt::format("bench-other-{}", getpid())) {
  execute({program_, "run", "--detach", "--bundle", bundle, id_});
}

Other::~Other() {
  try {
    execute({program_, "delete", "--force", id_});
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
}

void Other::call(const std::string& verb, const std::vector<std::string>& words) const {
  std::vector<std::string> argv{program_, verb, id_};
  argv.insert(argv.end(), words.begin(), words.end());
  execute(argv);
}

}  // namespace ocelot::bench
