#pragma once
#include <compare>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "shim/control/greeting.hpp"
#include "shim/control/limits.hpp"
#include "shim/control/operations.hpp"

namespace ocelot::control {

// A request across connections and restarts of both ends. The session is its client's secret and
// worth nothing to another uid.
struct EffectKey {
  uid_t uid = 0;
  SessionToken session{};
  std::uint64_t id = 0;

  auto operator<=>(const EffectKey&) const = default;
};

// What tells one payload from another under the same id.
std::uint64_t digest(std::string_view payload) noexcept;

// A request that changes something, and what came of it. Whoever serves it writes this down,
// without result, before the first effect: then a repeat finds it, whichever process answers.
struct Effect {
  EffectKey key;
  Operation operation = Operation::State;
  std::uint64_t digest = 0;
  std::optional<std::string> result;  // the reply; none: begun
};

// Where a server writes them down: what outlives the process, for the next one's restore().
class EffectRecord {
 public:
  virtual ~EffectRecord() = default;
  // Without result, before the first effect. What it throws is the answer, and nothing was done.
  virtual void begun(const Effect& effect) = 0;
  // Before the answer is sent.
  virtual void finished(const EffectKey& key, std::string_view result) noexcept = 0;
  virtual void withdrawn(const EffectKey& key) noexcept = 0;
};

// The requests that have, or may have had, their effect: one effect per id.
//
// Bounded: the oldest results are dropped first. A repeat that comes after its result was dropped
// is not done again but refused.
class Effects {
 public:
  explicit Effects(const Limits& limits) : limits_(&limits) {}

  enum class Seen {
    Fresh,      // begun with this call
    Running,    // begun before
    Finished,   // see result()
    Different,  // the id stands for another payload
    Forgotten,  // its result was dropped
    Full,       // as many as are remembered are all still running
  };
  Seen begin(const EffectKey& key, Operation operation, std::uint64_t digest);
  // The result of a finished one, which must be there.
  const std::string& result(const EffectKey& key);
  void finish(const EffectKey& key, std::string result);
  // It had no effect, and may be tried again under the same id.
  void withdraw(const EffectKey& key);

  // What is remembered, the oldest first: for the state file, or a state handed to a new process;
  // and back. A restored one without result is of a process that died while it ran: whoever
  // restores it knows what came of it, or says that it is not known.
  const std::deque<Effect>& all() const noexcept { return effects_; }
  void restore(std::deque<Effect> effects);
  // Of each client whose results were dropped, the highest id of them.
  const std::deque<EffectKey>& forgotten() const noexcept { return forgotten_; }
  void restore_forgotten(const EffectKey& key) { raise_floor(key); }

  std::size_t size() const noexcept { return effects_.size(); }

 private:
  std::deque<Effect>::iterator find(const EffectKey& key);
  std::deque<EffectKey>::iterator floor_of(const EffectKey& key);
  bool make_room();
  void raise_floor(const EffectKey& key);

  const Limits* limits_;
  // Few enough to be looked through one by one, and small that way: a probe every few seconds is a
  // client of its own each time.
  std::deque<Effect> effects_;
  std::size_t bytes_ = 0;  // of results
  std::deque<EffectKey> forgotten_;
};

}  // namespace ocelot::control
