#include "runtime/seccomp_entry.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstring>

namespace ocelot {
namespace {

// Numbers as eight bytes, texts and lists behind their length.
class Writer {
 public:
  void add(std::uint64_t number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    bytes.append(text);
  }
  void add(const std::vector<std::string>& texts) {
    add(std::uint64_t{texts.size()});
    for (const std::string& text : texts) add(std::string_view(text));
  }
  void add(const std::optional<std::uint32_t>& number) {
    add(number ? std::uint64_t{*number} + 1 : 0);
  }

  std::string bytes;
};

// What does not hold what was asked for gives nothing, and nothing from then on.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t number = 0;
    const std::string_view bytes = take(sizeof number);
    if (bytes.size() == sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  std::string_view text() { return take(number()); }
  std::vector<std::string> texts() {
    std::vector<std::string> texts;
    for (std::uint64_t count = number(); count > 0 && whole_; --count) texts.emplace_back(text());
    return texts;
  }
  bool done() const { return whole_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    whole_ = whole_ && size <= rest_.size();
    if (!whole_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace

std::string cache_key(const oci::Seccomp& profile) {
  Writer key;
  key.add(std::string_view(seccomp_compiler()));
  key.add(static_cast<std::uint64_t>(profile.default_action));
  key.add(profile.default_errno_ret);
  key.add(profile.architectures);
  key.add(std::uint64_t{profile.flags.has_value()});
  key.add(profile.flags.value_or(std::vector<std::string>{}));
  key.add(std::string_view(profile.listener_path));
  key.add(std::string_view(profile.listener_metadata));
  key.add(std::uint64_t{profile.syscalls.size()});
  for (const oci::SeccompRule& rule : profile.syscalls) {
    key.add(rule.names);
    key.add(static_cast<std::uint64_t>(rule.action));
    key.add(rule.errno_ret);
    key.add(std::uint64_t{rule.args.size()});
    for (const auto& [index, value, value_two, op] : rule.args) {
      key.add(std::uint64_t{index});
      key.add(value);
      key.add(value_two);
      key.add(static_cast<std::uint64_t>(op));
    }
  }
  return std::move(key.bytes);
}

std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

std::string to_entry(std::string_view key, const SeccompProgram& program) {
  Writer entry;
  entry.add(key);
  entry.add(std::string_view(program.filter));
  entry.add(std::uint64_t{program.flags});
  entry.add(std::uint64_t{program.notify});
  entry.add(std::string_view(program.listener_path));
  entry.add(std::string_view(program.listener_metadata));
  entry.add(program.warnings);
  entry.add(fingerprint(entry.bytes));
  return std::move(entry.bytes);
}

std::optional<SeccompProgram> from_entry(std::string_view entry, std::string_view key) {
  if (entry.size() < sizeof(std::uint64_t)) return std::nullopt;
  const std::string_view body = entry.substr(0, entry.size() - sizeof(std::uint64_t));
  if (Reader{entry.substr(body.size())}.number() != fingerprint(body)) return std::nullopt;

  Reader reader{body};
  if (reader.text() != key) return std::nullopt;
  SeccompProgram program;
  program.filter = reader.text();
  const std::uint64_t flags = reader.number();
  program.flags = static_cast<unsigned>(flags);
  program.notify = reader.number() == 1;
  program.listener_path = reader.text();
  program.listener_metadata = reader.text();
  program.warnings = reader.texts();
  const std::size_t size = program.filter.size();
  const bool sensible = reader.done() && size > 0 && size % sizeof(sock_filter) == 0 &&
                        size <= BPF_MAXINSNS * sizeof(sock_filter) && flags == program.flags &&
                        program.notify == ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0);
  if (!sensible) return std::nullopt;
  return program;
}

}  // namespace ocelot
