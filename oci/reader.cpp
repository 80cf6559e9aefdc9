#include "oci/reader.hpp"

#include <strings.h>

#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string Reader::path() const {
  if (parent_ == nullptr) return {};
  return parent_->path() +
         (parent_->is_object() ? json_pointer_part(key_) : fmt::format("/{}", position_));
}

std::string Reader::printable_start(std::string_view text) {
  return printable(text.substr(0, 100)) + (text.size() > 100 ? "..." : "");
}

void Reader::add(std::string_view key, const char* rule, std::string message, bool warning) {
  if (violations_.size() >= max_violations) return;
  violations_.push_back({key.empty() ? path() : path() + json_pointer_part(key), rule,
                         std::move(message), section_, warning});
}

const Document::Value* Reader::find(std::string_view key) {
  if (!is_object()) return nullptr;
  const Document::Value* found = nullptr;
  for (std::uint32_t i = first(); i < value_.end; i = document_.at(i).end) {
    const std::string_view name = document_.key(document_.at(i));
    if (name == key) {
      found = &document_.at(i);
      found->known = true;
    } else if (equal_but_for_case(name, key)) {
      add(name, "key-case", fmt::format("is ignored: did you mean \"{}\"?", key), true);
      document_.at(i).known = true;
    }
  }
  return found != nullptr && found->type != Document::Type::null ? found : nullptr;
}

void Reader::struct_is_read() {
  for (std::uint32_t i = first(); i < value_.end; i = document_.at(i).end) {
    if (document_.at(i).known || unknown_.size() >= max_violations) continue;
    unknown_.push_back(path() + json_pointer_part(document_.key(document_.at(i))));
  }
}

std::optional<std::string_view> Reader::string() const {
  if (value_.type != Document::Type::string) return std::nullopt;
  return document_.string(value_);
}

std::optional<bool> Reader::boolean() const {
  if (value_.type != Document::Type::boolean) return std::nullopt;
  return value_.bits != 0;
}

std::optional<std::int64_t> Reader::signed_integer(std::int64_t min, std::int64_t max) const {
  if (value_.type != Document::Type::integer) return std::nullopt;
  if (!value_.negative &&
      value_.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  const auto value = static_cast<std::int64_t>(value_.bits);
  return value >= min && value <= max ? std::optional{value} : std::nullopt;
}

std::optional<std::uint64_t> Reader::unsigned_integer(std::uint64_t max) const {
  if (value_.type != Document::Type::integer || value_.negative || value_.bits > max)
    return std::nullopt;
  return value_.bits;
}

void read(Reader& r, std::string& out) {
  if (const auto text = r.string()) {
    out = *text;
  } else {
    r.complain("type", "must be a string");
  }
}

void read(Reader& r, bool& out) {
  if (const auto value = r.boolean()) {
    out = *value;
  } else {
    r.complain("type", "must be true or false");
  }
}

}  // namespace ocelot::oci
