#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ocelot::test {

// A directory that stands in for a cgroupfs where only names and contents matter; gone at the end.
class Tree {
 public:
  Tree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ocelot-unit-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = pattern;
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  std::string operator/(const std::string& name) const { return (root_ / name).string(); }
  const std::filesystem::path& root() const { return root_; }

  void directory(const std::string& name) const {
    std::filesystem::create_directories(root_ / name);
  }
  void file(const std::string& name, const std::string& content = {}) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << content;
  }
  std::string content(const std::string& name) const {
    std::ifstream in(root_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path root_;
};

}  // namespace ocelot::test
