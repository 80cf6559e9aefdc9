#include "tests/support/running.hpp"

#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

std::vector<std::string> exec_line(const std::vector<std::string>& flags, const std::string& id,
                                   const std::vector<std::string>& words) {
  std::vector<std::string> line{"exec"};
  line.insert(line.end(), flags.begin(), flags.end());
  line.push_back(id);
  line.insert(line.end(), words.begin(), words.end());
  return line;
}

nlohmann::json parsed(const Output& output) {
  if (output.status != 0) throw std::runtime_error("exec failed: " + output.err);
  return nlohmann::json::parse(output.out);
}

}  // namespace

Container start_echo(Runtime& runtime, Bundle& bundle) {
  Container container = runtime.must_create(bundle.shell("echo ready; exec cat"));
  const Output started = container.start();
  if (started.status != 0) throw std::runtime_error("start failed: " + started.err);
  container.read_until("ready\n");
  return container;
}

Running::Running(Runtime& runtime, Bundle& bundle, Stop stop)
    : runtime_(runtime), container_(runtime.must_create(bundle.args({"sleep", "1000"}))) {
  if (stop == Stop::at_created) return;
  const Output started = container_.start();
  if (started.status != 0) throw std::runtime_error("start failed: " + started.err);
}

Running::~Running() {
  container_.del({"--force"});
  container_.wait();
}

Output Running::exec(const std::vector<std::string>& words, const std::vector<std::string>& flags,
                     RunOptions options) const {
  return runtime_.call(exec_line(flags, container_.id(), words), std::move(options));
}

Command Running::exec_in_foreground(const std::vector<std::string>& words,
                                    const std::vector<std::string>& flags,
                                    RunOptions options) const {
  options.keep_input_open = true;
  return Command{runtime_.command(exec_line(flags, container_.id(), words)), std::move(options)};
}

UniqueFd Running::exec_detached(const std::vector<std::string>& words,
                                const std::vector<std::string>& flags) const {
  TempDir directory;
  std::vector<std::string> all{"--detach", "--pid-file", directory / "pid"};
  all.insert(all.end(), flags.begin(), flags.end());
  const Output output = exec(words, all);
  if (output.status != 0) throw std::runtime_error("exec failed: " + output.err);
  return open_pidfd(static_cast<pid_t>(std::stoi(read_file(directory / "pid"))));
}

nlohmann::json Running::report(const std::vector<std::string>& flags, RunOptions options) const {
  return parsed(exec({"/bin/probe"}, flags, std::move(options)));
}

nlohmann::json Running::report_of(nlohmann::json process,
                                  const std::vector<std::string>& flags) const {
  process["args"] = {"/bin/probe"};
  return parsed(exec_document(process.dump(), flags));
}

Output Running::exec_document(const std::string& document,
                              const std::vector<std::string>& flags) const {
  TempDir directory;
  write_file(directory / "process.json", document);
  std::vector<std::string> all{"--process", directory / "process.json"};
  all.insert(all.end(), flags.begin(), flags.end());
  return exec({}, all);
}

}  // namespace ocelot::test
