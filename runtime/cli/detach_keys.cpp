#include "runtime/cli/detach_keys.hpp"

#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cli {
namespace {

char key(std::string_view word) {
  constexpr std::string_view control = "ctrl-";
  if (word.size() == 1) return word.front();
  if (word.size() == control.size() + 1 && word.starts_with(control)) {
    const char name = word.back();
    if (name >= 'a' && name <= 'z') return static_cast<char>(name - 'a' + 1);
    if (name >= '@' && name <= '_') return static_cast<char>(name - '@');
  }
  throw Error{ErrorKind::InvalidArgument,
              fmt::format("detach keys: no key is called \"{}\"", printable(word))}
      .with_hint("for example ctrl-p,ctrl-q, or an empty text for none");
}

}  // namespace

DetachKeys::DetachKeys(std::string_view description) {
  if (description.empty()) return;
  for (const std::string_view word : split(description, ',')) keys_ += key(word);
}

std::string_view DetachKeys::pass(std::string_view typed) {
  if (keys_.empty()) return typed;
  passed_.clear();
  for (const char byte : typed) {
    if (complete_) break;
    // Where the sequence breaks off, its longest end that begins the sequence again is still held.
    while (held_ > 0 && keys_[held_] != byte) {
      std::size_t shorter = held_ - 1;
      while (shorter > 0 && keys_.compare(0, shorter, keys_, held_ - shorter, shorter) != 0)
        --shorter;
      passed_.append(keys_, 0, held_ - shorter);
      held_ = shorter;
    }
    if (keys_[held_] == byte) {
      complete_ = ++held_ == keys_.size();
    } else {
      passed_ += byte;
    }
  }
  return passed_;
}

}  // namespace ocelot::cli
