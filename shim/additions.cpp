#include "shim/additions.hpp"

#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"

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
    return fail(number, Error::from(error));
  }
  under_way_.erase(number);
}

// What the callbacks were given stays until they have returned, and orphans are collected after.
void Additions::fail(std::uint64_t number, const Error& failure) {
  auto ended = under_way_.extract(number);
  ended.mapped().watch.reset();
  ended.mapped().addition.abandon();
  ended.mapped().callbacks.failed(failure);
}

void Additions::container_ended() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, one] : under_way_) numbers.push_back(number);
  for (const std::uint64_t number : numbers) {
    const auto waits = [&] {
      const auto one = under_way_.find(number);
      return one != under_way_.end() && wait_readable(one->second.awaited, 0);
    };
    while (waits()) serve(number);
    const auto one = under_way_.find(number);
    if (one == under_way_.end()) continue;
    try {
      one->second.addition.fail_if_stopped();
    } catch (const Error& stopped) {
      fail(number, stopped);
    }
  }
}

}  // namespace ocelot::shim
