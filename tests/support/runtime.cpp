#include "tests/support/runtime.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {

namespace fs = std::filesystem;
using nlohmann::json;

Container::Container(Runtime& runtime, std::string id, Command command)
    : runtime_{&runtime}, id_{std::move(id)}, command_{std::move(command)} {
  created = command_.wait();
  if (created.status != 0) return;
  pid_ = state()["pid"].get<pid_t>();
  pidfd_ = open_pidfd(pid_);
}

Output Container::start() {
  return runtime_->start(id_);
}
json Container::state() const {
  return runtime_->state(id_);
}
Output Container::kill(const std::string& signal) {
  return runtime_->kill(id_, signal);
}
Output Container::del(std::vector<std::string> flags) {
  return runtime_->del(id_, std::move(flags));
}
void Container::wait() {
  wait_for_end(pidfd_.get());
}

std::string Runtime::path() {
  const char* chosen = std::getenv("OCELOT_RUNTIME");
  return chosen != nullptr && *chosen != '\0' ? chosen : OCELOT_BINARY;
}

bool Runtime::is_reference() {
  return fs::path{path()}.filename() != "ocelot";
}

std::vector<std::string>& Runtime::complaints() {
  static std::vector<std::string> all;
  return all;
}

Runtime::~Runtime() {
  try {
    for (const std::string& id : ids()) {
      UniqueFd pidfd;
      Output before = call({"state", id});
      json state = json::parse(before.out, nullptr, false);
      if (before.status == 0 && state.is_object() && state.value("pid", 0) > 0)
        pidfd = open_pidfd(state["pid"].get<pid_t>());
      Output deleted = call({"delete", "--force", id});
      if (deleted.status != 0)
        complaints().push_back("delete --force " + id + " failed: " + deleted.err);
      if (pidfd) wait_for_end(pidfd.get());
    }
    for (const std::string& id : ids()) complaints().push_back(root() + "/" + id + " stays");
  } catch (const std::exception& error) {
    complaints().push_back(error.what());
  }
}

std::vector<std::string> Runtime::command(const std::vector<std::string>& words) const {
  std::vector<std::string> line{path(), "--root", root()};
  line.insert(line.end(), words.begin(), words.end());
  return line;
}

Output Runtime::call(const std::vector<std::string>& words, RunOptions options) const {
  return test::run(command(words), std::move(options));
}

namespace {

std::vector<std::string> line(const char* verb, const std::string& bundle,
                              const std::vector<std::string>& flags, const std::string& id) {
  std::vector<std::string> words{verb, "--bundle", bundle};
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back(id);
  return words;
}

}  // namespace

Output Runtime::run(const Bundle& bundle, const std::string& id,
                    const std::vector<std::string>& flags, RunOptions options) const {
  bundle.write();
  return run(bundle.path(), id, flags, std::move(options));
}

Output Runtime::run(const std::string& bundle_path, const std::string& id,
                    const std::vector<std::string>& flags, RunOptions options) const {
  return call(line("run", bundle_path, flags, id), std::move(options));
}

Command Runtime::run_in_foreground(const Bundle& bundle, const std::string& id,
                                   const std::vector<std::string>& flags,
                                   RunOptions options) const {
  bundle.write();
  options.keep_input_open = true;
  return Command{command(line("run", bundle.path(), flags, id)), std::move(options)};
}

Container Runtime::create(const Bundle& bundle, const std::string& id,
                          const std::vector<std::string>& flags, RunOptions options) {
  bundle.write();
  options.keep_input_open = options.input.empty();
  return Container{*this, id,
                   Command{command(line("create", bundle.path(), flags, id)), std::move(options)}};
}

Container Runtime::must_create(const Bundle& bundle, const std::string& id,
                               const std::vector<std::string>& flags, RunOptions options) {
  Container container = create(bundle, id, flags, std::move(options));
  if (container.created.status != 0)
    throw std::runtime_error("create failed: " + container.created.err + container.created.out);
  return container;
}

Output Runtime::del(const std::string& id, std::vector<std::string> flags) const {
  flags.insert(flags.begin(), "delete");
  flags.push_back(id);
  return call(flags);
}

json Runtime::state(const std::string& id) const {
  Output output = call({"state", id});
  if (output.status != 0) throw std::runtime_error("state " + id + " failed: " + output.err);
  return json::parse(output.out);
}

std::string Runtime::status(const std::string& id) const {
  Output output = call({"state", id});
  return output.status == 0 ? json::parse(output.out)["status"].get<std::string>() : "absent";
}

std::vector<std::string> Runtime::ids() const {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator{root()})
    if (entry.is_directory() && !entry.path().filename().string().starts_with('.'))
      found.push_back(entry.path().filename());
  return found;
}

}  // namespace ocelot::test
