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

Effects::Seen Effects::begin(const EffectKey& key, Operation operation, std::uint64_t digest) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    if (found->second.digest != digest) return Seen::Different;
    return found->second.result ? Seen::Finished : Seen::Running;
  }
  const auto floor = forgotten_.find({key.uid, key.session});
  if (floor != forgotten_.end() && key.id <= floor->second) return Seen::Forgotten;
  if (!make_room()) return Seen::Full;
  entries_.emplace(key, Entry{operation, digest, std::nullopt});
  order_.push_back(key);
  return Seen::Fresh;
}

const std::string& Effects::result(const EffectKey& key) const {
  return *entries_.at(key).result;
}

void Effects::finish(const EffectKey& key, std::string result) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.result) return;
  bytes_ += result.size();
  found->second.result = std::move(result);
}

void Effects::withdraw(const EffectKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  if (found->second.result) bytes_ -= found->second.result->size();
  entries_.erase(found);
  std::erase(order_, key);
}

bool Effects::make_room() {
  while (entries_.size() >= limits_->effects || bytes_ > limits_->effects_bytes) {
    const auto oldest = std::find_if(order_.begin(), order_.end(), [&](const EffectKey& key) {
      return entries_.at(key).result.has_value();
    });
    if (oldest == order_.end()) return false;
    forget(entries_.find(*oldest));
    order_.erase(oldest);
  }
  return true;
}

void Effects::raise_floor(const EffectKey& key) {
  const Client client{key.uid, key.session};
  const auto [floor, fresh] = forgotten_.emplace(client, key.id);
  floor->second = std::max(floor->second, key.id);
  if (fresh) forgotten_order_.push_back(client);
  if (forgotten_order_.size() > max_forgotten_clients) {
    forgotten_.erase(forgotten_order_.front());
    forgotten_order_.pop_front();
  }
}

void Effects::forget(std::map<EffectKey, Entry>::iterator entry) {
  raise_floor(entry->first);
  bytes_ -= entry->second.result->size();
  entries_.erase(entry);
}

std::vector<Effect> Effects::all() const {
  std::vector<Effect> effects;
  effects.reserve(order_.size());
  for (const EffectKey& key : order_) {
    const Entry& entry = entries_.at(key);
    effects.push_back({key, entry.operation, entry.digest, entry.result});
  }
  return effects;
}

void Effects::restore(std::vector<Effect> effects) {
  for (Effect& effect : effects) {
    if (begin(effect.key, effect.operation, effect.digest) == Seen::Fresh && effect.result)
      finish(effect.key, std::move(*effect.result));
  }
}

std::vector<EffectKey> Effects::forgotten() const {
  std::vector<EffectKey> keys;
  for (const Client& client : forgotten_order_)
    keys.push_back({client.first, client.second, forgotten_.at(client)});
  return keys;
}

void Effects::restore_forgotten(const EffectKey& key) {
  raise_floor(key);
}

}  // namespace ocelot::control
