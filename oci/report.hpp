#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "oci/violation.hpp"

// Violations for those who read them, in the order of the document that they are about.
namespace ocelot::oci {

// For a person: a paragraph each, as "FILE:LINE: error: PATH", the message and where the
// specification says so; then a summary.
std::string violations_to_text(const Violations& violations, std::string_view document,
                               const std::string& file);

// An array of {path, rule, message, spec, line, warning}, one member a line.
std::string violations_to_json(const Violations& violations, std::string_view document);
// The same of a document that is no JSON or cannot be read, with the rule "document": no line but
// the one that `message` may name.
std::string unreadable_to_json(const std::string& message);

}  // namespace ocelot::oci
