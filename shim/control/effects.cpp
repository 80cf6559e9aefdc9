#include "shim/control/effects.hpp"

#include <algorithm>

#include "runtime/base/crc32c.hpp"

namespace ocelot::control {
namespace {

constexpr std::size_t max_forgotten_clients = 1024;

}  // namespace

std::uint64_t digest(std::string_view payload) noexcept {
  return std::uint64_t{payload.size()} << 32 | crc32c(payload);
}

std::deque<Effect>::iterator Effects::find(const EffectKey& key) {
  return std::ranges::find(effects_, key, &Effect::key);
}

std::deque<EffectKey>::iterator Effects::floor_of(const EffectKey& key) {
  return std::ranges::find_if(forgotten_, [&](const EffectKey& floor) {
    return floor.uid == key.uid && floor.session == key.session;
  });
}

Effects::Seen Effects::begin(const EffectKey& key, Operation operation, std::uint64_t digest) {
  const auto found = find(key);
  if (found != effects_.end()) {
    if (found->digest != digest) return Seen::Different;
    return found->result ? Seen::Finished : Seen::Running;
  }
  const auto floor = floor_of(key);
  if (floor != forgotten_.end() && key.id <= floor->id) return Seen::Forgotten;
  if (!make_room()) return Seen::Full;
  effects_.push_back({key, operation, digest, std::nullopt});
  return Seen::Fresh;
}

const std::string& Effects::result(const EffectKey& key) {
  return find(key)->result.value();
}

void Effects::finish(const EffectKey& key, std::string result) {
  const auto found = find(key);
  if (found == effects_.end() || found->result) return;
  bytes_ += result.size();
  found->result = std::move(result);
}

void Effects::withdraw(const EffectKey& key) {
  const auto found = find(key);
  if (found == effects_.end()) return;
  if (found->result) bytes_ -= found->result->size();
  effects_.erase(found);
}

void Effects::restore(std::deque<Effect> effects) {
  for (Effect& effect : effects) {
    if (begin(effect.key, effect.operation, effect.digest) == Seen::Fresh && effect.result)
      finish(effect.key, std::move(*effect.result));
  }
}

bool Effects::make_room() {
  while (effects_.size() >= limits_->effects || bytes_ > limits_->effects_bytes) {
    const auto oldest = std::ranges::find_if(
        effects_, [](const Effect& effect) { return effect.result.has_value(); });
    if (oldest == effects_.end()) return false;
    raise_floor(oldest->key);
    bytes_ -= oldest->result->size();
    effects_.erase(oldest);
  }
  return true;
}

void Effects::raise_floor(const EffectKey& key) {
  const auto floor = floor_of(key);
  if (floor != forgotten_.end()) {
    floor->id = std::max(floor->id, key.id);
    return;
  }
  forgotten_.push_back(key);
  if (forgotten_.size() > max_forgotten_clients) forgotten_.pop_front();
}

}  // namespace ocelot::control
