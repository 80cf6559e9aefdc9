#include "shim/additions.hpp"

#include "runtime/base/error.hpp"

namespace ocelot::shim {

Additions::~Additions() {
  for (auto& [number, one] : under_way_) one.addition.abandon();
}

void Additions::start(const GlobalOptions& global, const ExecOptions& options,
                      std::vector<UniqueFd> streams, Served ready, Served executed, Failed failed) {
  Reaper::Hold hold{reaper_};
  Addition addition{global,
                    options,
                    {.caller = Caller::stays, .streams = std::move(streams), .prelude = prelude_}};
  const std::uint64_t number = next_++;
  under_way_.emplace(number, UnderWay{.hold = std::move(hold),
                                      .addition = std::move(addition),
                                      .ready = std::move(ready),
                                      .executed = std::move(executed),
                                      .failed = std::move(failed),
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
    if (one.addition.ready()) {
      one.ready(one.addition);
      one.addition.let_go();
    }
    if (!one.addition.executed()) return wait(number);
    one.executed(one.addition);
  } catch (const std::exception& error) {
    failure = Error::from(error);
  }
  // What the callbacks were given stays until they have returned, and orphans are collected after.
  auto ended = under_way_.extract(number);
  ended.mapped().watch.reset();
  if (!failure) return;
  ended.mapped().addition.abandon();
  ended.mapped().failed(*failure);
}

}  // namespace ocelot::shim
