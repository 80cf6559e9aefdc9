#include "runtime/cli/log_records.hpp"

#include <nlohmann/json.hpp>

namespace ocelot::cli {
namespace {

// "TIME STREAM TAG TEXT"
void take_cri(std::string_view record, const LogRecords::Sink& sink) {
  const std::size_t stream = record.find(' ');
  if (stream == std::string_view::npos) return;
  const std::size_t tag = record.find(' ', stream + 1);
  if (tag == std::string_view::npos || record.size() < tag + 3) return;
  std::string text(record.substr(tag + 3));
  if (record[tag + 1] == 'F') text += '\n';
  sink(record.substr(stream + 1, tag - stream - 1) == "stderr", text);
}

void take_json(std::string_view record, const LogRecords::Sink& sink) {
  const auto document = nlohmann::json::parse(record, nullptr, false);
  if (!document.is_object()) return;
  const auto log = document.find("log");
  const auto stream = document.find("stream");
  if (log == document.end() || !log->is_string() || stream == document.end()) return;
  sink(*stream == "stderr", log->get_ref<const std::string&>());
}

}  // namespace

void LogRecords::add(std::string_view bytes, const Sink& sink) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
    take(std::string_view(rest_).substr(begin, end - begin), sink);
  rest_.erase(0, begin);
}

void LogRecords::take(std::string_view record, const Sink& sink) const {
  return format_ == Format::cri ? take_cri(record, sink) : take_json(record, sink);
}

}  // namespace ocelot::cli
