#pragma once
#include <string>
#include <string_view>

namespace ocelot::cli {

// The keys that a person types to leave a container's terminal without ending anything: looked for
// in what goes to it, and kept from it.
class DetachKeys {
 public:
  // "ctrl-p,ctrl-q": characters, or ctrl- with a letter or one of @ [ \ ] ^ _; empty: none. Throws
  // Error{InvalidArgument}.
  explicit DetachKeys(std::string_view description);

  // What may be passed on of what was typed, the keys left out: valid until the next call. The
  // first keys of the sequence are held back until it is known not to be one.
  std::string_view pass(std::string_view typed);
  // The whole sequence has come; what was typed after it is dropped.
  bool complete() const { return complete_; }

 private:
  std::string keys_;
  std::size_t held_ = 0;  // keys of the sequence that have come last
  bool complete_ = false;
  std::string passed_;
};

}  // namespace ocelot::cli
