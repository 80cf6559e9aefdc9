#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/handover.hpp"

// A Handover as a JSON document, which names descriptors by their numbers.
namespace ocelot::shim {

// From here on the descriptors are kept over execve.
std::string handover_document(const Handover& handover);

// With duplicates of the descriptors: the numbers in the document stay open. Throws
// Error{Unsupported} for a document of another version, Error{Failed} for a malformed one, as the
// others here do.
Handover handover_from(const std::string& text);

// All that the document names, once each.
std::vector<int> descriptors_of_handover(const std::string& text);

// The same document for the program that wrote it, with the reason why it is to go on; and the
// descriptor of that program. nullopt when it has been given back already.
struct ReturnedHandover {
  std::string document;
  int program = -1;
};
std::optional<ReturnedHandover> returned_handover(const std::string& text, std::string_view reason);

}  // namespace ocelot::shim
