#include "shim/stdio/log_format.hpp"

#include <fmt/core.h>
#include <time.h>

#include "runtime/base/utf8.hpp"

namespace ocelot::shim {
namespace {

bool is_plain(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code >= 0x20 && code < 0x7f && byte != '"' && byte != '\\';
}

void append_escaped(std::string& out, const utf8::Character& character, std::string_view bytes) {
  if (!character.valid) {
    out += "\\ufffd";
  } else if (character.code == '"' || character.code == '\\') {
    out += '\\';
    out += bytes;
  } else if (character.code == '\t' || character.code == '\r') {
    out += character.code == '\t' ? "\\t" : "\\r";
  } else if (character.code < 0x20 || character.code == 0x7f || character.code == 0x2028 ||
             character.code == 0x2029) {
    out += fmt::format("\\u{:04x}", character.code);
  } else {
    out += bytes;
  }
}

void append_json(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const utf8::Character character = utf8::first_character(text);
    append_escaped(out, character, text.substr(0, character.size));
    text.remove_prefix(character.size);
  }
}

}  // namespace

const char* name(LogFormat format) noexcept {
  return format == LogFormat::json ? "json" : "cri";
}

LogFormat log_format_named(std::string_view name) noexcept {
  return name == "json" ? LogFormat::json : LogFormat::cri;
}

std::string timestamp(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const time_t count = seconds.time_since_epoch().count();
  tm parts{};
  ::gmtime_r(&count, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     (time - seconds).count());
}

void append_record(std::string& out, LogFormat format, Stream stream, std::string_view stamp,
                   std::string_view text, Ending ending) {
  if (format == LogFormat::cri) {
    out += stamp;
    out += ' ';
    out += name(stream);
    out += ending == Ending::full ? " F " : " P ";
    out += text;
    out += '\n';
    return;
  }
  out += "{\"log\":\"";
  append_json(out, text);
  if (ending == Ending::full) out += "\\n";
  out += "\",\"stream\":\"";
  out += name(stream);
  out += "\",\"time\":\"";
  out += stamp;
  out += "\"}\n";
}

void LineSplitter::add(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    const std::size_t room = longest_text - kept_.size();
    const std::size_t newline = bytes.substr(0, room + 1).find('\n');
    if (newline != std::string_view::npos) {
      if (kept_.empty()) {
        sink(bytes.substr(0, newline), Ending::full);
      } else {
        kept_ += bytes.substr(0, newline);
        sink(kept_, Ending::full);
        std::string{}.swap(kept_);
      }
      bytes.remove_prefix(newline + 1);
    } else if (bytes.size() <= room) {
      kept_ += bytes;
      return;
    } else {
      kept_ += bytes.substr(0, room);
      bytes.remove_prefix(room);
      flush(sink);
    }
  }
}

void LineSplitter::flush(const Sink& sink) {
  const std::size_t whole = kept_.size() - utf8::unfinished_end(kept_);
  if (whole == 0) return;
  sink(std::string_view{kept_}.substr(0, whole), Ending::partial);
  kept_ = kept_.substr(whole);
}

void LineSplitter::end(const Sink& sink) {
  if (kept_.empty()) return;
  sink(kept_, Ending::partial);
  std::string{}.swap(kept_);
}

}  // namespace ocelot::shim
