#include "shim/memory.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace ocelot::shim {
namespace {

using nlohmann::ordered_json;

constexpr const char* file_name = "shim.json";

ordered_json to_json(const LogOptions& log) {
  return {{"path", log.file.path},
          {"maxSize", log.file.max_size},
          {"maxFiles", log.file.max_files},
          {"format", name(log.format)},
          {"rate", log.rate}};
}

LogOptions log_options(const ordered_json& document) {
  LogOptions log;
  log.file.path = document.at("path");
  log.file.max_size = document.at("maxSize");
  log.file.max_files = document.at("maxFiles");
  log.format = log_format_named(document.at("format").get<std::string>());
  log.rate = document.at("rate");
  return log;
}

Memory parse(const std::string& text) {
  const auto document = ordered_json::parse(text);
  Memory memory{.options = {.keep_stdin = document.at("stdin")},
                .terminal = document.at("terminal")};
  memory.options.keep_terminal = document.value("keepTerminal", false);
  memory.options.operators = document.value("operators", "");
  memory.options.observers = document.value("observers", "");
  memory.options.cgroup = document.value("cgroup", "");
  memory.options.socket_buffer = document.value("socketBuffer", 0u);
  if (document.contains("oomScoreAdj"))
    memory.options.oom_score_adj = document.at("oomScoreAdj").get<int>();
  memory.options.stdio.replay = document.at("replay");
  if (document.contains("outputLog"))
    memory.options.stdio.log = log_options(document.at("outputLog"));
  return memory;
}

}  // namespace

void save_memory(int directory, const Memory& memory) {
  const ShimOptions& options = memory.options;
  ordered_json document{{"terminal", memory.terminal},           {"stdin", options.keep_stdin},
                        {"keepTerminal", options.keep_terminal}, {"operators", options.operators},
                        {"observers", options.observers},        {"cgroup", options.cgroup},
                        {"socketBuffer", options.socket_buffer}, {"replay", options.stdio.replay}};
  if (options.oom_score_adj) document["oomScoreAdj"] = *options.oom_score_adj;
  if (options.stdio.log) document["outputLog"] = to_json(*options.stdio.log);
  std::string text;
  try {
    text = document.dump() + '\n';
  } catch (const ordered_json::type_error&) {
    throw Error{ErrorKind::InvalidArgument, "an option of the shim is not UTF-8"}.with_hint(
        "--output-log and --shim-cgroup are kept for a later shim, as JSON");
  }
  write_atomically(directory, file_name, text, 0600);
}

std::optional<Memory> load_memory(int directory) {
  const auto text = read_regular_file_if_exists(directory, file_name);
  if (!text) return std::nullopt;
  try {
    return parse(*text);
  } catch (const nlohmann::json::exception& error) {
    throw Error{ErrorKind::Failed, fmt::format("{}: malformed: {}", file_name, error.what())};
  }
}

}  // namespace ocelot::shim
