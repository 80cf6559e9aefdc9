#include "shim/request_journal.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::shim {
namespace {

using control::Effect;
using control::EffectKey;
using control::Effects;
using nlohmann::ordered_json;

constexpr const char* file_name = "requests";
// Written anew at this size, or at twice what was left the last time: so it is seldom.
constexpr std::size_t least_to_compact = 256 << 10;
constexpr std::size_t piece_bytes = 4096;

control::SessionToken session_of(const std::string& text) {
  control::SessionToken session{};
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != session.size()) throw std::invalid_argument{"session"};
  std::ranges::copy(*bytes, session.begin());
  return session;
}

std::string hex(const control::SessionToken& session) {
  return ocelot::hex({session.data(), session.size()});
}

ordered_json line_of(const char* what, const EffectKey& key) {
  return {{"is", what}, {"uid", key.uid}, {"session", hex(key.session)}, {"id", key.id}};
}

// Before it, not after it: what follows a line that was cut is a line of its own.
std::string text_of(const ordered_json& line) {
  return '\n' + line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string begun_line(const Effect& effect) {
  ordered_json line = line_of("begun", effect.key);
  line["operation"] = control::traits(effect.operation).name;
  line["digest"] = effect.digest;
  return text_of(line);
}

std::string finished_line(const EffectKey& key, std::string_view result) {
  ordered_json line = line_of("finished", key);
  line["result"] = result;
  return text_of(line);
}

// What ends a container makes room on a full disk. That a signal comes twice takes a shim that is
// killed right then, and another one that adopts.
bool ends_container(control::Operation operation) {
  return operation == control::Operation::Kill || operation == control::Operation::Delete ||
         operation == control::Operation::Shutdown;
}

void apply(const ordered_json& line, Effects& effects) {
  const EffectKey key{line.at("uid"), session_of(line.at("session")), line.at("id")};
  const std::string what = line.at("is");
  if (what == "begun") {
    const auto operation = control::operation_of_name(line.at("operation").get<std::string>());
    if (operation) effects.begin(key, *operation, line.at("digest"));
  } else if (what == "finished") {
    effects.finish(key, line.at("result"));
  } else if (what == "withdrawn") {
    effects.withdraw(key);
  } else if (what == "forgotten") {
    effects.restore_forgotten(key);
  }
}

}  // namespace

void RequestJournal::open(int directory, Effects& effects) {
  directory_ = directory;
  effects_ = &effects;
  const std::string text = read_regular_file_if_exists(directory, file_name).value_or("");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const ordered_json document = ordered_json::parse(line, nullptr, false);
    if (!document.is_object()) continue;
    try {
      apply(document, effects);
    } catch (const std::exception&) {
      continue;
    }
  }
  open_file();
}

void RequestJournal::open_file() {
  file_ = sys::open(directory_, file_name,
                    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  size_ = static_cast<std::size_t>(sys::stat(file_.get()).st_size);
}

void RequestJournal::begun(const Effect& effect) {
  try {
    if (size_ > std::max(least_to_compact, 2 * compacted_)) compact();
    append(begun_line(effect));
  } catch (const Error&) {
    if (!ends_container(effect.operation)) throw;
  }
}

void RequestJournal::finished(const EffectKey& key, std::string_view result) noexcept {
  try_append(finished_line(key, result));
}

void RequestJournal::withdrawn(const EffectKey& key) noexcept {
  try_append(text_of(line_of("withdrawn", key)));
}

void RequestJournal::append(const std::string& line) {
  const ssize_t count = sys::try_write(file_.get(), line);
  if (count > 0) size_ += static_cast<std::size_t>(count);
  if (count == static_cast<ssize_t>(line.size())) return;
  throw Error{ErrorKind::Failed, "the request could not be written down, and was not done"}
      .with_hint("the file system of the state directory is most likely full");
}

// Without it the next shim knows the request as begun, and says so.
void RequestJournal::try_append(const std::string& line) noexcept {
  try {
    append(line);
  } catch (const std::exception&) {
    return;
  }
}

void RequestJournal::compact() {
  // In pieces: together they are more than the shim has otherwise.
  write_atomically(directory_, file_name, 0600, [this](int file) {
    std::string piece;
    const auto add = [&](const std::string& line) {
      piece += line;
      if (piece.size() < piece_bytes) return;
      sys::write_all(file, piece);
      piece.clear();
    };
    for (const EffectKey& key : effects_->forgotten()) add(text_of(line_of("forgotten", key)));
    for (const Effect& effect : effects_->all()) {
      add(begun_line(effect));
      if (effect.result) add(finished_line(effect.key, *effect.result));
    }
    sys::write_all(file, piece);
  });
  open_file();
  compacted_ = size_;
}

}  // namespace ocelot::shim
