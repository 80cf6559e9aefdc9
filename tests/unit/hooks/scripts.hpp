#pragma once
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "hooks/hooks.hpp"
#include "runtime/base/error.hpp"

namespace ocelot::test {

// A directory for the scripts of one test and for what they write.
class Scripts {
 public:
  Scripts() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ocelot-hooks-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Scripts(const Scripts&) = delete;
  ~Scripts() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

  // A hook that is a shell script; $D is this directory.
  oci::Hook hook(const std::string& script) {
    const std::string name = *this / ("hook" + std::to_string(count_++));
    std::ofstream{name} << "#!/bin/sh\nD=" << path_ << "\n" << script << "\n";
    ::chmod(name.c_str(), 0755);
    oci::Hook hook;
    hook.path = name;
    return hook;
  }

  oci::State state() const {
    oci::State state;
    state.id = "web-1";
    state.pid = 4711;
    state.bundle = path_;
    return state;
  }

  void run(const std::vector<oci::Hook>& hooks) const {
    ocelot::hooks::run_until_failure(hooks, "createRuntime", state());
  }

  // The error of a hook that must fail; empty when it does not.
  std::string failure(const std::vector<oci::Hook>& hooks) const {
    try {
      run(hooks);
    } catch (const Error& error) {
      hint_ = error.hint();
      return error.what();
    }
    return {};
  }
  // Of the last failure.
  const std::string& hint() const { return hint_; }

  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{*this / name}.rdbuf();
    return text.str();
  }

 private:
  std::string path_;
  int count_ = 0;
  mutable std::string hint_;
};

}  // namespace ocelot::test
