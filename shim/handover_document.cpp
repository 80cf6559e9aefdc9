#include "shim/handover_document.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "shim/handover_counters.hpp"

namespace ocelot::shim {
namespace {

using Json = nlohmann::ordered_json;

// A document of the first version has no streams of processes that exec added, no clients of
// streams, no counters and no log.
constexpr int version = 2, oldest_version = 1;

// Writes a handover, and keeps its descriptors over execve.
class Writer {
 public:
  Json all(const Handover& handover) {
    Json document{{"version", version},
                  {"listener", fd(handover.listener)},
                  {"instance", handover.instance},
                  {"nextEvent", handover.next_event},
                  {"counted", counters_json(handover.counted)},
                  {"request", key(handover.request)},
                  {"init", running(handover.init)},
                  {"started", handover.started},
                  {"streams", streams(handover.stdio)},
                  {"execs", Json::array()},
                  {"nextExec", handover.next_exec},
                  {"previous", fd(handover.previous)}};
    for (const Handover::Exec& each : handover.execs) document["execs"].push_back(exec(each));
    if (handover.oom_score_before) document["oomScoreBefore"] = *handover.oom_score_before;
    if (handover.log) document["log"] = log(*handover.log);
    if (handover.channel) document["channel"] = channel(*handover.channel);
    if (handover.readiness.socket) {
      document["readiness"] = {{"socket", fd(handover.readiness.socket)},
                               {"mainProcess", handover.readiness.main_process},
                               {"told", handover.readiness.told}};
    }
    document["descriptors"] = descriptors_;
    return document;
  }

 private:
  int fd(const UniqueFd& descriptor) {
    if (!descriptor) return -1;
    sys::set_close_on_exec(descriptor.get(), false);
    descriptors_.push_back(descriptor.get());
    return descriptor.get();
  }
  static Json key(const control::EffectKey& request) {
    return {{"uid", request.uid},
            {"session", hex({request.session.data(), request.session.size()})},
            {"id", request.id}};
  }
  Json running(const Handover::Running& process) {
    return {{"pid", process.pid},
            {"pidfd", fd(process.pidfd)},
            {"isChild", process.relation == Process::Relation::child}};
  }
  Json exec(const Handover::Exec& each) {
    Json document{{"name", each.name}, {"pid", each.pid}};
    if (each.running) document["running"] = running(*each.running);
    if (each.exit) document["exit"] = to_json(*each.exit);
    if (each.stdio) document["streams"] = streams(*each.stdio);
    return document;
  }
  Json log(const log::Setting& setting) {
    return {{"file", fd(setting.file)},
            {"json", setting.format == log::Format::json},
            {"level", static_cast<int>(setting.level)}};
  }
  Json inputs(const std::vector<Input::Attached>& clients) {
    Json list = Json::array();
    for (const Input::Attached& each : clients) {
      list.push_back({{"client", each.client},
                      {"pipe", fd(each.pipe)},
                      {"once", each.at_end == Input::AtEnd::close}});
    }
    return list;
  }
  Json outputs(const std::vector<Output::Attached>& clients) {
    Json list = Json::array();
    for (const Output::Attached& each : clients) {
      list.push_back({{"client", each.client},
                      {"pipe", fd(each.pipe)},
                      {"owed", hex(each.owed)},
                      {"lagging", each.lagging}});
    }
    return list;
  }
  Json streams(const Stdio::Handover& stdio) {
    return {{"stdin", fd(stdio.streams.stdin_write)},
            {"stdout", fd(stdio.streams.stdout_read)},
            {"stderr", fd(stdio.streams.stderr_read)},
            {"stdoutTwin", fd(stdio.streams.stdout_twin)},
            {"stderrTwin", fd(stdio.streams.stderr_twin)},
            {"terminal", fd(stdio.streams.terminal)},
            {"started", stdio.memory.started},
            {"closeAsked", stdio.memory.close_asked},
            {"pendingInput", hex(stdio.memory.pending_input)},
            {"stdoutReplay", hex(stdio.memory.stdout_replay)},
            {"stderrReplay", hex(stdio.memory.stderr_replay)},
            {"stdinClients", inputs(stdio.inputs)},
            {"stdoutClients", outputs(stdio.outputs)},
            {"stderrClients", outputs(stdio.errors)},
            {"counted", counters_json(stdio.counters)}};
  }
  Json channel(const ContainerPeer::Handover& peer) {
    Json document{{"socket", fd(peer.socket)},
                  {"lastId", peer.last_id},
                  {"counted", counters_json(peer.counters)},
                  {"unasked", Json::array()}};
    document["shelf"] = {fd(peer.shelf.in()), fd(peer.shelf.out())};
    for (const ContainerPeer::Kept& kept : peer.unasked) {
      document["unasked"].push_back({{"text", kept.text},
                                     {"descriptors", kept.descriptors},
                                     {"number", kept.number},
                                     {"pid", kept.sender.pid},
                                     {"uid", kept.sender.uid},
                                     {"gid", kept.sender.gid}});
    }
    return document;
  }

  std::vector<int> descriptors_;
};

// Reads it, and has duplicates of its descriptors.
class Reader {
 public:
  Handover all(const Json& document) const {
    const Json& given = document.at("version");
    if (given < oldest_version || given > version) {
      throw Error{ErrorKind::Unsupported, fmt::format("a handover of version {}, not {} to {}",
                                                      given.dump(), oldest_version, version)};
    }
    Handover handover{.listener = fd(document.at("listener")),
                      .instance = document.at("instance"),
                      .next_event = document.at("nextEvent"),
                      .request = key(document.at("request")),
                      .init = running(document.at("init")),
                      .started = document.at("started"),
                      .stdio = streams(document.at("streams")),
                      .next_exec = document.at("nextExec"),
                      .previous = fd(document.at("previous"))};
    for (const Json& each : document.at("execs")) handover.execs.push_back(exec(each));
    if (given < version) handover.init.relation = relation(document.at("initIsChild"));
    read(document, "counted", handover.counted);
    if (document.contains("log")) handover.log = log(document["log"]);
    if (document.contains("oomScoreBefore")) handover.oom_score_before = document["oomScoreBefore"];
    if (document.contains("channel")) handover.channel = channel(document["channel"]);
    if (document.contains("readiness")) handover.readiness = readiness(document["readiness"]);
    if (document.contains("failure")) handover.failure = document["failure"];
    return handover;
  }

 private:
  // What the first version has not.
  static Json list(const Json& document, const char* name) {
    return document.value(name, Json::array());
  }
  template <typename Counters>
  static void read(const Json& document, const char* name, Counters& counters) {
    if (document.contains(name)) read_counters(document[name], counters);
  }

  static UniqueFd fd(const Json& number) {
    const int inherited = number.get<int>();
    return inherited < 0 ? UniqueFd{} : sys::duplicate(inherited);
  }
  static std::string bytes(const Json& text) {
    if (auto decoded = from_hex(text.get<std::string>())) return std::move(*decoded);
    throw Error{ErrorKind::Failed, "the handover has a text that is not hexadecimal"};
  }
  static log::Setting log(const Json& document) {
    const int level = document.at("level");
    if (level < static_cast<int>(log::Level::error) || level > static_cast<int>(log::Level::debug))
      throw Error{ErrorKind::Failed, "the handover has a log of no level"};
    return {.file = fd(document.at("file")),
            .format = document.at("json") ? log::Format::json : log::Format::text,
            .level = static_cast<log::Level>(level)};
  }
  static control::EffectKey key(const Json& document) {
    control::EffectKey request{.uid = document.at("uid"), .id = document.at("id")};
    const std::string session = bytes(document.at("session"));
    if (session.size() != request.session.size())
      throw Error{ErrorKind::Failed, "the handover names no session"};
    session.copy(request.session.data(), request.session.size());
    return request;
  }
  static Process::Relation relation(bool child) {
    return child ? Process::Relation::child : Process::Relation::taken_over;
  }
  static Handover::Running running(const Json& document) {
    return {.pid = document.at("pid"),
            .pidfd = fd(document.at("pidfd")),
            .relation = relation(document.value("isChild", true))};
  }
  static Handover::Exec exec(const Json& document) {
    Handover::Exec each{.name = document.at("name"), .pid = document.value("pid", -1)};
    if (document.contains("running")) each.running = running(document["running"]);
    if (document.contains("exit")) each.exit = exit_record_from(document["exit"]);
    if (document.contains("streams")) each.stdio = streams(document["streams"]);
    return each;
  }
  static Stdio::Handover streams(const Json& document) {
    Stdio::Handover stdio{.streams = {.stdin_write = fd(document.at("stdin")),
                                      .stdout_read = fd(document.at("stdout")),
                                      .stderr_read = fd(document.at("stderr")),
                                      .stdout_twin = fd(document.at("stdoutTwin")),
                                      .stderr_twin = fd(document.at("stderrTwin")),
                                      .terminal = fd(document.at("terminal"))},
                          .memory = {.started = document.at("started"),
                                     .close_asked = document.at("closeAsked"),
                                     .pending_input = bytes(document.at("pendingInput")),
                                     .stdout_replay = bytes(document.at("stdoutReplay")),
                                     .stderr_replay = bytes(document.at("stderrReplay"))}};
    for (const Json& each : list(document, "stdinClients")) {
      stdio.inputs.push_back(
          {.client = each.at("client"),
           .pipe = fd(each.at("pipe")),
           .at_end = each.at("once") ? Input::AtEnd::close : Input::AtEnd::leave_open});
    }
    stdio.outputs = outputs(list(document, "stdoutClients"));
    stdio.errors = outputs(list(document, "stderrClients"));
    read(document, "counted", stdio.counters);
    return stdio;
  }
  static std::vector<Output::Attached> outputs(const Json& clients) {
    std::vector<Output::Attached> all;
    for (const Json& each : clients) {
      all.push_back({.client = each.at("client"),
                     .pipe = fd(each.at("pipe")),
                     .owed = bytes(each.at("owed")),
                     .lagging = each.at("lagging")});
    }
    return all;
  }
  static ReadinessRelay::Handover readiness(const Json& document) {
    return {.socket = fd(document.at("socket")),
            .main_process = document.at("mainProcess"),
            .told = document.at("told")};
  }
  // A program of before the shelf has them in its table.
  static std::size_t put(Shelf& shelf, std::uint64_t number, const Json& numbers) {
    std::vector<UniqueFd> fds;
    for (const Json& each : numbers) fds.push_back(fd(each));
    if (fds.empty()) return 0;
    shelf.open();
    return shelf.put(number, fds) ? fds.size() : 0;
  }
  static ContainerPeer::Handover channel(const Json& document) {
    ContainerPeer::Handover peer{.socket = fd(document.at("socket")),
                                 .last_id = document.at("lastId")};
    read(document, "counted", peer.counters);
    if (document.contains("shelf"))
      peer.shelf = {fd(document["shelf"].at(0)), fd(document["shelf"].at(1))};
    for (const Json& each : document.at("unasked")) {
      ContainerPeer::Kept kept{
          .text = each.at("text"),
          .sender = {.pid = each.at("pid"), .uid = each.at("uid"), .gid = each.at("gid")}};
      kept.number = each.value("number", peer.unasked.size() + 1);
      kept.descriptors = each.contains("fds") ? put(peer.shelf, kept.number, each["fds"])
                                              : each.at("descriptors").get<std::size_t>();
      peer.unasked.push_back(std::move(kept));
    }
    return peer;
  }
};

// What was read from a document that `use` makes sense of, or one kind of error.
template <typename Use>
auto understand(const std::string& text, Use use) try {
  return use(Json::parse(text));
} catch (const Json::exception& error) {
  throw Error{ErrorKind::Failed, fmt::format("handover: malformed: {}", error.what())};
}

}  // namespace

std::string handover_document(const Handover& handover) {
  return Writer{}.all(handover).dump();
}

Handover handover_from(const std::string& text) {
  return understand(text, [](const Json& document) { return Reader{}.all(document); });
}

std::vector<int> descriptors_of_handover(const std::string& text) {
  return understand(text, [](const Json& document) {
    return document.at("descriptors").get<std::vector<int>>();
  });
}

std::optional<ReturnedHandover> returned_handover(const std::string& text,
                                                  std::string_view reason) {
  return understand(text, [&](Json document) -> std::optional<ReturnedHandover> {
    if (document.contains("failure")) return std::nullopt;
    document["failure"] = reason;
    return ReturnedHandover{
        .document = document.dump(-1, ' ', false, Json::error_handler_t::replace),
        .program = document.at("previous")};
  });
}

}  // namespace ocelot::shim
