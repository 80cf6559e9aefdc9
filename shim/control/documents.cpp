#include "shim/control/documents.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "runtime/base/log_text.hpp"
#include "shim/control/limits.hpp"

namespace ocelot::control {
namespace {

constexpr std::array<std::pair<ErrorKind, std::string_view>, 7> kinds{{
    {ErrorKind::InvalidSpec, "InvalidSpec"},
    {ErrorKind::InvalidArgument, "InvalidArgument"},
    {ErrorKind::NotFound, "NotFound"},
    {ErrorKind::AlreadyExists, "AlreadyExists"},
    {ErrorKind::WrongState, "WrongState"},
    {ErrorKind::Unsupported, "Unsupported"},
    {ErrorKind::Failed, "Failed"},
}};

constexpr std::string_view number_prefix = R"({"number":)";
constexpr std::string_view error_prefix = R"({"error":)";

// Walks a document as far as the first "operation" of its outermost object.
struct Finder : nlohmann::json::json_sax_t {
  std::string* name;
  unsigned depth = 0;
  bool here = false;  // the value that comes is the one

  explicit Finder(std::string& result) : name(&result) {}

  bool go_on() {
    const bool stop = here;
    return !stop && depth > 0;
  }
  bool null() override { return go_on(); }
  bool boolean(bool) override { return go_on(); }
  bool number_integer(number_integer_t) override { return go_on(); }
  bool number_unsigned(number_unsigned_t) override { return go_on(); }
  bool number_float(number_float_t, const string_t&) override { return go_on(); }
  bool binary(binary_t&) override { return go_on(); }
  bool string(string_t& value) override {
    if (here) *name = value;
    return go_on();
  }
  bool start_object(std::size_t) override {
    if (here) return false;
    ++depth;
    return true;
  }
  bool key(string_t& key) override {
    here = depth == 1 && key == "operation";
    return true;
  }
  bool end_object() override {
    --depth;
    return true;
  }
  bool start_array(std::size_t) override {
    if (here || depth == 0) return false;
    ++depth;
    return true;
  }
  bool end_array() override {
    --depth;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
};

// Kinds that only this library makes (PermissionDenied, Busy) are failures to everybody else.
ErrorKind kind_of(std::string_view text) {
  for (const auto& [kind, word] : kinds)
    if (word == text) return kind;
  return ErrorKind::Failed;
}

}  // namespace

std::optional<Operation> operation_of(std::string_view request) {
  // As most clients spell what has no arguments; it is not worth a parser.
  constexpr std::string_view before = R"({"operation":")", behind = R"("})";
  if (request.starts_with(before) && request.ends_with(behind) &&
      request.size() > before.size() + behind.size()) {
    const std::string_view name =
        request.substr(before.size(), request.size() - before.size() - behind.size());
    if (const auto operation = operation_of_name(name)) return operation;
  }
  std::string name;
  Finder finder{name};
  nlohmann::json::sax_parse(request, &finder, nlohmann::json::input_format_t::json, false);
  return operation_of_name(name);
}

bool is_nested_too_deeply(std::string_view document) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const char c = document[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      if (++depth > max_document_depth) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::optional<std::uint64_t> number_member(std::string_view request, const char* name) {
  const auto document = nlohmann::json::parse(request, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  const auto found = document.find(name);
  if (found == document.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::string error_document(std::string_view kind, std::string_view message, std::string_view hint) {
  std::string document = fmt::format(R"({{"error":{{"kind":"{}","message":"{}")", kind,
                                     log::escaped(message, log::Escapes::json));
  if (!hint.empty())
    document += fmt::format(R"(,"hint":"{}")", log::escaped(hint, log::Escapes::json));
  document += "}}";
  return document;
}

std::string error_document(const Error& error) {
  std::string_view word = "Failed";
  for (const auto& [kind, text] : kinds)
    if (kind == error.kind()) word = text;
  return error_document(word, error.what(), error.hint());
}

std::optional<Error> error_of(std::string_view reply) {
  if (!reply.starts_with(error_prefix)) return std::nullopt;
  const auto document = nlohmann::json::parse(reply, nullptr, false);
  const auto text = [&](const char* member) -> std::string {
    if (!document.is_object() || !document["error"].is_object()) return {};
    const auto& error = document["error"];
    const auto found = error.find(member);
    return found != error.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  std::string message = text("message");
  if (message.empty()) message = "the shim answered with an error that cannot be read";
  return Error::relayed(kind_of(text("kind")), 0, message, text("hint"));
}

std::string numbered(std::string_view document, std::uint64_t number, std::uint64_t missed) {
  std::string result = fmt::format("{}{}", number_prefix, number);
  if (missed != 0) result += fmt::format(R"(,"missed":{})", missed);
  if (document.size() > 2) {
    result += ',';
    result += document.substr(1);
  } else {
    result += '}';
  }
  return result;
}

std::uint64_t number_of(std::string_view document) noexcept {
  if (!document.starts_with(number_prefix)) return 0;
  document.remove_prefix(number_prefix.size());
  std::uint64_t number = 0;
  std::from_chars(document.data(), document.data() + document.size(), number);
  return number;
}

}  // namespace ocelot::control
