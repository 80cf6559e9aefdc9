#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"
#include "shim/control/operations.hpp"

// The little of the JSON documents that the library itself writes and reads.
namespace ocelot::control {

// The member "operation" of a request, a JSON object; nullopt when there is none, or none we know.
// The first one counts, and is all that the permission was given for: whoever serves the request
// goes by Request::operation and never looks for the name again.
std::optional<Operation> operation_of(std::string_view request);

// Whether arrays and objects stand within one another deeper than max_document_depth. Who parses a
// document to a tree and copies or writes that walks it by recursion: the stack would end.
bool is_nested_too_deeply(std::string_view document) noexcept;

// The member `name` of a request, a whole number that is not negative; nullopt when there is none.
std::optional<std::uint64_t> number_member(std::string_view request, const char* name);

// {"error":{"kind":"WrongState","message":"...","hint":"..."}}; the texts are escaped.
std::string error_document(std::string_view kind, std::string_view message,
                           std::string_view hint = {});
std::string error_document(const Error& error);
// The error that a reply tells; nullopt when it tells none. What says it is an error and is no
// valid document becomes an Error that says so.
std::optional<Error> error_of(std::string_view reply);

// `document`, an object, with the members "number" and, unless it is 0, "missed" before its own.
std::string numbered(std::string_view document, std::uint64_t number, std::uint64_t missed = 0);
// The member "number" of a document made by numbered(), else 0.
std::uint64_t number_of(std::string_view document) noexcept;

}  // namespace ocelot::control
