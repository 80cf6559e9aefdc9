#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/options.hpp"
#include "shim/handover.hpp"

// A live upgrade: the shim executes another program in its own place, which goes on with what it is
// left. When that one cannot, it executes the one that was.
namespace ocelot::shim {

// All descriptors that are needed, before anything is given away.
class ReExecution {
 public:
  // `program` is the new one. Throws Error.
  explicit ReExecution(UniqueFd program);

  // Does not return. Throws Error when neither program can be executed; the container then has no
  // shim any more.
  [[noreturn]] void execute(const GlobalOptions& global, const std::string& id, Handover handover);

 private:
  UniqueFd program_, document_, previous_;
};

// What was left to this program, as its standard input.
class Inheritance {
 public:
  // nullopt: whoever started this program is no shim.
  static std::optional<Inheritance> take();

  // With duplicates of the descriptors; see handover_from().
  Handover open() const;
  // It is all in good hands, and is not given back any more: closes what was inherited.
  void accept();
  // It is not: executes the program that was. Returns when it cannot, or when this is that one.
  void give_back(char* const argv[], std::string_view reason) const;

 private:
  friend class ReExecution;
  explicit Inheritance(std::string document) : document_(std::move(document)) {}
  std::string document_;
};

}  // namespace ocelot::shim
