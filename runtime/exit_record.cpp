#include "runtime/exit_record.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace ocelot {
namespace {

using nlohmann::ordered_json;

constexpr const char* file_name = "exit.json";
constexpr const char* unknown = "unknown";

}  // namespace

std::string ExitRecord::describe() const {
  return status ? fmt::format("{}", status->shell_status()) : unknown;
}

std::string to_json(const ExitRecord& record) {
  ordered_json document;
  if (record.status) {
    document["status"] = record.status->shell_status();
    document["signal"] = record.status->signal;
    document["core"] = record.status->core;
  } else {
    document["status"] = unknown;
  }
  document["oomKilled"] = record.oom_killed();
  document["oomKills"] = record.oom_kills;
  document["time"] = record.time;
  if (record.usage) {
    document["usage"] = {{"userMicroseconds", record.usage->user},
                         {"systemMicroseconds", record.usage->system},
                         {"maxResidentKiB", record.usage->max_resident}};
  }
  return document.dump();
}

ExitRecord exit_record_from(const std::string& text) try {
  const auto document = ordered_json::parse(text);
  ExitRecord record{.oom_kills = document.at("oomKills"), .time = document.at("time")};
  if (document.at("status") != unknown) {
    const int signal = document.at("signal");
    record.status = ExitStatus{.code = signal != 0 ? 0 : document.at("status").get<int>(),
                               .signal = signal,
                               .core = document.at("core")};
  }
  if (document.contains("usage")) {
    const auto& usage = document["usage"];
    record.usage = {.user = usage.at("userMicroseconds"),
                    .system = usage.at("systemMicroseconds"),
                    .max_resident = usage.at("maxResidentKiB")};
  }
  return record;
} catch (const nlohmann::json::exception& error) {
  throw Error{ErrorKind::Failed, fmt::format("exit record: malformed: {}", error.what())};
}

void save_exit(int directory, const ExitRecord& record) {
  write_durably(directory, file_name, to_json(record) + '\n', 0600);
}

std::optional<ExitRecord> load_exit(int directory) {
  const auto text = read_regular_file_if_exists(directory, file_name);
  if (!text) return std::nullopt;
  Context at{ocelot::text(file_name)};
  return exit_record_from(*text);
}

}  // namespace ocelot
