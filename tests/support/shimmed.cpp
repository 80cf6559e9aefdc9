#include "tests/support/shimmed.hpp"

#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {

using nlohmann::json;

Shimmed::Shimmed(const Runtime& runtime, const Bundle& bundle,
                 const std::vector<std::string>& flags, Until until, const std::string& id)
    : runtime_(runtime), id_(id) {
  bundle.write();
  std::vector<std::string> words{until == Until::created ? "create" : "run", "--shim", "--bundle",
                                 bundle.path()};
  if (until == Until::running) words.push_back("--detach");
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back(id);
  const Output made = runtime.call(words);
  if (made.status != 0) throw std::runtime_error("no container with a shim: " + made.err);
  pid_ = runtime.state(id)["pid"].get<pid_t>();
  shim_pid_ = shim_status()["pid"].get<pid_t>();
  shim_pidfd_ = open_pidfd(shim_pid_);
  if (pid_ <= 0) return;
  try {
    pidfd_ = open_pidfd(pid_);
  } catch (const std::exception&) {  // a short one, which its shim has reaped by now
    if (runtime.status(id) != "stopped") throw;
  }
}

Shimmed::~Shimmed() {
  try {
    remove();
  } catch (const std::exception& error) {
    Runtime::complaints().push_back(error.what());
  }
}

Output Shimmed::call(std::vector<std::string> verb, const std::vector<std::string>& words,
                     RunOptions options) const {
  verb.push_back(id_);
  verb.insert(verb.end(), words.begin(), words.end());
  return runtime_.call(verb, std::move(options));
}

json Shimmed::wait() const {
  const Output ended = call({"wait", "--format", "json"});
  if (ended.status != 0) throw std::runtime_error("wait failed: " + ended.err);
  return json::parse(ended.out);
}

json Shimmed::exit_file() const {
  return json::parse(read_file(directory() + "/exit.json"));
}

json Shimmed::shim_status() const {
  const Output status = runtime_.call({"shim", "status", id_});
  if (status.status != 0) throw std::runtime_error("shim status failed: " + status.err);
  return json::parse(status.out);
}

void Shimmed::remove() const {
  runtime_.call({"delete", "--force", id_});
  if (pidfd_) wait_for_end(pidfd_.get());
  if (shim_pidfd_) wait_for_end(shim_pidfd_.get());
}

}  // namespace ocelot::test
