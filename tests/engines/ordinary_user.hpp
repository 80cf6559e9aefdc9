#pragma once

#include <string>
#include <vector>

#include "tests/engines/sandbox.hpp"

namespace ocelot::test {

// A user without privileges, with ranges of subordinate ids and directories of its own: for as long
// as this lives, and in this process's mount namespace alone.
class OrdinaryUser {
 public:
  explicit OrdinaryUser(const Sandbox& sandbox);
  ~OrdinaryUser();
  OrdinaryUser(const OrdinaryUser&) = delete;

  static constexpr int kId = 4711;

  std::string home() const { return home_; }
  std::string runtime_directory() const { return runtime_directory_; }
  // `words` as this user runs them, and what its environment has beside a sandbox's.
  std::vector<std::string> command(const std::vector<std::string>& words) const;
  std::vector<std::string> environment() const;

 private:
  void lay_over(const std::string& path, const std::string& copy, const std::string& line);

  std::string home_, runtime_directory_;
  std::vector<std::string> covered_;
};

}  // namespace ocelot::test
