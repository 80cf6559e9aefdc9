#include "shim/additions.hpp"

#include "runtime/base/error.hpp"

namespace ocelot::shim {

Additions::~Additions() {
  for (auto& [number, one] : under_way_) one.addition.abandon();
}

void Additions::start(ExecContainer& known, const ExecOptions& options,
                      std::vector<UniqueFd> streams, Callbacks callbacks) {
  Reaper::Hold hold{reaper_};
  Addition addition{known,
                    options,
                    {.caller = Caller::stays, .streams = std::move(streams), .prelude = prelude_}};
  const std::uint64_t number = next_++;
  under_way_.emplace(number, UnderWay{.hold = std::move(hold),
                                      .addition = std::move(addition),
                                      .callbacks = std::move(callbacks),
                                      .watch = {}});
  wait(number);
}

void Additions::wait(std::uint64_t number) {
  UnderWay& one = under_way_.at(number);
  if (one.awaited == one.addition.awaited()) return;
  one.awaited = one.addition.awaited();
  one.watch.reset();
  one.watch = loop_.watch(one.awaited, EPOLLIN, [this, number](std::uint32_t) { serve(number); });
}

void Additions::serve(std::uint64_t number) {
  UnderWay& one = under_way_.at(number);
  std::optional<Error> failure;
  try {
    one.addition.advance();
    if (!one.born && one.addition.born()) {
      one.born = true;
      one.callbacks.born(one.addition);
    }
    if (one.addition.ready()) {
      one.callbacks.ready(one.addition);
      one.addition.let_go();
    }
    if (!one.addition.executed()) return wait(number);
    one.callbacks.executed(one.addition);
  } catch (const std::exception& error) {
    failure = Error::from(error);
  }
  // What the callbacks were given stays until they have returned, and orphans are collected after.
  auto ended = under_way_.extract(number);
  ended.mapped().watch.reset();
  if (!failure) return;
  ended.mapped().addition.abandon();
  ended.mapped().callbacks.failed(*failure);
}

}  // namespace ocelot::shim
