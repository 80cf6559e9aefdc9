#include "cgroups/systemd/request.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace ocelot::cgroups::systemd {
namespace {

using nlohmann::json;

constexpr std::int64_t longest_timeout_ms = 3'600'000;

struct OperationWord {
  Operation operation;
  const char* word;
};
constexpr OperationWord operations[] = {
    {Operation::start, "start"}, {Operation::stop, "stop"}, {Operation::change, "change"}};

const char* word_of(Operation operation) {
  for (const OperationWord& each : operations) {
    if (each.operation == operation) return each.word;
  }
  return "";
}

Operation operation_from(const std::string& word) {
  for (const OperationWord& each : operations) {
    if (each.word == word) return each.operation;
  }
  throw Error{ErrorKind::InvalidArgument, "unknown operation"};
}

// What a text holds that is no UTF-8 is replaced: the document is to be read by anybody.
std::string text_of(const json& document) {
  std::string text = document.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > longest_document)
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("more than {} bytes for systemd", longest_document)}
        .with_hint("the annotations of config.json are too long");
  return text;
}

template <typename Read>
auto decoded(const std::string& document, Read read) {
  try {
    return read(json::parse(document));
  } catch (const json::exception& error) {
    throw Error{ErrorKind::InvalidArgument, std::string("not understood: ") + error.what()};
  }
}

Property property_from(const json& entry) {
  return {entry.at("name"), entry.at("signature"),
          entry.at("words").get<std::vector<std::string>>(),
          entry.at("mayBeUnknown").get<bool>() ? Unknown::ignore : Unknown::error};
}

}  // namespace

std::string encode(const Request& request) {
  json properties = json::array();
  for (const Property& property : request.properties) {
    properties.push_back({{"name", property.name},
                          {"signature", property.signature},
                          {"words", property.words},
                          {"mayBeUnknown", property.unknown == Unknown::ignore}});
  }
  return text_of({{"operation", word_of(request.operation)},
                  {"user", request.instance == Instance::user},
                  {"unit", request.unit},
                  {"properties", std::move(properties)},
                  {"timeoutMs", request.timeout.count()}});
}

Request decode_request(const std::string& document) {
  return decoded(document, [](const json& whole) {
    Request request;
    request.operation = operation_from(whole.at("operation"));
    request.instance = whole.at("user").get<bool>() ? Instance::user : Instance::system;
    request.unit = whole.at("unit");
    for (const json& entry : whole.at("properties"))
      request.properties.push_back(property_from(entry));
    const auto timeout_ms = whole.at("timeoutMs").get<std::int64_t>();
    if (timeout_ms < 0 || timeout_ms > longest_timeout_ms)
      throw Error{ErrorKind::InvalidArgument, "the time-out is out of range"};
    request.timeout = std::chrono::milliseconds{timeout_ms};
    return request;
  });
}

std::string encode(const Answer& answer) {
  return text_of({{"error", answer.error}, {"hint", answer.hint}, {"ignored", answer.ignored}});
}

Answer decode_answer(const std::string& document) {
  return decoded(document, [](const json& whole) {
    return Answer{whole.at("error"), whole.at("hint"),
                  whole.at("ignored").get<std::vector<std::string>>()};
  });
}

}  // namespace ocelot::cgroups::systemd
