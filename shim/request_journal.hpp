#pragma once
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"
#include "shim/control/effects.hpp"

namespace ocelot::shim {

// The requests that change something, for a shim that comes after: `requests` in the container's
// state directory, one JSON object a line, appended. What it says outlives the shim, not the
// machine: after that there is no container either.
//
// A line that was cut (a full disk, a kill) is passed over: its request then counts as begun.
class RequestJournal final : public control::EffectRecord {
 public:
  // `directory` is borrowed. `effects` is what an overlong file is written anew from; it gets what
  // the file holds. Throws Error.
  void open(int directory, control::Effects& effects);

  void begun(const control::Effect& effect) override;
  void finished(const control::EffectKey& key, std::string_view result) noexcept override;
  void withdrawn(const control::EffectKey& key) noexcept override;

 private:
  void append(const std::string& line);
  void try_append(const std::string& line) noexcept;
  void compact();
  void open_file();

  int directory_ = -1;
  control::Effects* effects_ = nullptr;
  UniqueFd file_;
  std::size_t size_ = 0;
  std::size_t compacted_ = 0;  // its size when it was written anew
};

}  // namespace ocelot::shim
