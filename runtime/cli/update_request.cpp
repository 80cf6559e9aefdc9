#include "runtime/cli/update_request.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/size.hpp"
#include "runtime/cli/table.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const Option& option, std::string_view word, const char* hint) {
  throw Error{ErrorKind::InvalidArgument,
              fmt::format("invalid value for {}: {}", option.name, printable(word))}
      .with_hint(hint);
}

template <typename Number>
json number(const Option& option, std::string_view word) {
  const auto value = parse_integer<Number>(word);
  if (!value) refuse(option, word, "must be a whole number in the range of the setting");
  return *value;
}

json size(const Option& option, std::string_view word) {
  const auto value = parse_size(word);
  if (!value) refuse(option, word, "a number of bytes, with k, m, g or t, or -1 for no limit");
  return *value;
}

json list(const Option&, std::string_view word) {
  return word;
}

// Where a limit stands in linux.resources.
struct Limit {
  const Option& option;
  const char* object;
  const char* member;
  json (*value)(const Option&, std::string_view word);
};
constexpr Limit limits[] = {
    {option::cpu_share, "cpu", "shares", number<std::uint64_t>},
    {option::cpu_quota, "cpu", "quota", number<std::int64_t>},
    {option::cpu_period, "cpu", "period", number<std::uint64_t>},
    {option::cpu_burst, "cpu", "burst", number<std::uint64_t>},
    {option::cpu_rt_runtime, "cpu", "realtimeRuntime", number<std::int64_t>},
    {option::cpu_rt_period, "cpu", "realtimePeriod", number<std::uint64_t>},
    {option::cpu_idle, "cpu", "idle", number<std::int64_t>},
    {option::cpuset_cpus, "cpu", "cpus", list},
    {option::cpuset_mems, "cpu", "mems", list},
    {option::memory, "memory", "limit", size},
    {option::memory_reservation, "memory", "reservation", size},
    {option::memory_swap, "memory", "swap", size},
    {option::pids_limit, "pids", "limit", number<std::int64_t>},
    {option::blkio_weight, "blockIO", "weight", number<std::uint16_t>},
};

// A word that is no UTF-8 is no list of processors either.
std::string text_of(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string resources_document(const Arguments& arguments) {
  json document = json::object();
  for (const Limit& limit : limits) {
    const std::string_view word = arguments.text(limit.option);
    if (!word.empty()) document[limit.object][limit.member] = limit.value(limit.option, word);
  }
  return text_of(document);
}

std::string update_request(const oci::ConfigUpdate& update) {
  json request{{"operation", "update"}, {"resources", json::parse(update.resources)}};
  if (update.changes_schemata()) {
    request["intelRdt"] = {{"l3CacheSchema", update.l3_cache_schema},
                           {"memBwSchema", update.mem_bw_schema}};
  }
  return text_of(request);
}

}  // namespace ocelot::cli
