#include "shim/handover_document.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"

using namespace ocelot;
using namespace ocelot::shim;
using nlohmann::json;

namespace {

UniqueFd some_file() {
  return sys::memfd("some file");
}

Handover sample() {
  Handover handover{
      .listener = some_file(),
      .instance = 0xfedcba9876543210,
      .next_event = 12,
      .request = {.uid = 1000, .session = {'\xff', 's'}, .id = 34},
      .init = {.pid = 56, .pidfd = some_file(), .relation = Process::Relation::taken_over},
      .started = true,
      .next_exec = 7,
      .previous = some_file()};
  handover.stdio.streams.stdout_read = some_file();
  handover.stdio.memory.started = true;
  handover.stdio.memory.stdout_replay = std::string("any\0\xff", 5);
  handover.execs.push_back({.name = "runs",
                            .pid = 57,
                            .running = Handover::Running{57, some_file(), Process::Relation::child},
                            .exit = {},
                            .stdio = {}});
  handover.execs.back().stdio.emplace().streams.terminal = some_file();
  handover.execs.back().stdio->memory.stdout_replay = "of exec";
  handover.execs.push_back(
      {.name = "ended",
       .pid = 58,
       .running = {},
       .exit = ExitRecord{.status = ExitStatus{.code = 3}, .time = "2026-01-01T00:00:00Z"},
       .stdio = {}});
  handover.stdio.inputs.push_back(
      {.client = 3, .pipe = some_file(), .at_end = Input::AtEnd::close});
  handover.stdio.errors.push_back(
      {.client = 3, .pipe = some_file(), .owed = std::string("o\0ed", 4), .lagging = true});
  handover.stdio.counters.stdout_bytes = 21;
  handover.stdio.counters.log.dropped_lines = 22;
  handover.counted.requests = 23;
  handover.counted.refused[1] = 24;
  handover.counted.latency[2].add(std::chrono::milliseconds{1});
  handover.log = {.file = some_file(), .format = log::Format::json, .level = log::Level::debug};
  handover.channel.emplace();
  handover.channel->counters.foreign = 25;
  handover.channel->socket = some_file();
  handover.channel->last_id = 9;
  handover.channel->unasked.push_back(
      {.text = "said", .descriptors = 1, .number = 8, .sender = {1, 2, 3}});
  handover.channel->shelf = {some_file(), some_file()};
  return handover;
}

bool names(const Error& error, const char* what) {
  return std::string_view(error.what()).find(what) != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(handover_document_test)

BOOST_AUTO_TEST_CASE(what_is_left_is_what_is_found) {
  const Handover left = sample();
  const Handover found = handover_from(handover_document(left));
  BOOST_TEST(found.instance == left.instance);
  BOOST_TEST(found.next_event == 12u);
  BOOST_TEST((found.request == left.request));
  BOOST_TEST(found.init.pid == 56);
  BOOST_TEST((found.init.relation == Process::Relation::taken_over));
  BOOST_TEST(found.started);
  BOOST_TEST(found.stdio.memory.started);
  BOOST_TEST(found.stdio.memory.stdout_replay == left.stdio.memory.stdout_replay);
  BOOST_TEST(!found.stdio.streams.terminal);
  BOOST_REQUIRE(found.execs.size() == 2u);
  BOOST_TEST(found.execs[0].running->pid == 57);
  BOOST_TEST(!found.execs[0].exit);
  BOOST_REQUIRE(found.execs[0].stdio);
  BOOST_TEST(static_cast<bool>(found.execs[0].stdio->streams.terminal));
  BOOST_TEST(found.execs[0].stdio->memory.stdout_replay == "of exec");
  BOOST_TEST(found.execs[1].pid == 58);
  BOOST_TEST(!found.execs[1].stdio);
  BOOST_TEST(!found.execs[1].running);
  BOOST_TEST(found.execs[1].exit->status->code == 3);
  BOOST_TEST(found.next_exec == 7u);
  BOOST_REQUIRE(found.stdio.inputs.size() == 1u);
  BOOST_TEST(found.stdio.inputs[0].client == 3u);
  BOOST_TEST((found.stdio.inputs[0].at_end == Input::AtEnd::close));
  BOOST_TEST(found.stdio.outputs.empty());
  BOOST_REQUIRE(found.stdio.errors.size() == 1u);
  BOOST_TEST(found.stdio.errors[0].owed == left.stdio.errors[0].owed);
  BOOST_TEST(found.stdio.errors[0].lagging);
  BOOST_TEST(found.stdio.counters.stdout_bytes == 21u);
  BOOST_TEST(found.stdio.counters.log.dropped_lines == 22u);
  BOOST_TEST(found.counted.requests == 23u);
  BOOST_TEST(found.counted.refused[1] == 24u);
  BOOST_TEST(found.counted.latency[2].count() == 1u);
  BOOST_TEST(found.counted.latency[2].quantile_us(0.5) == 1024u);
  BOOST_REQUIRE(found.log);
  BOOST_TEST(static_cast<bool>(found.log->file));
  BOOST_TEST((found.log->format == log::Format::json));
  BOOST_TEST((found.log->level == log::Level::debug));
  BOOST_REQUIRE(found.channel);
  BOOST_TEST(found.channel->counters.foreign == 25u);
  BOOST_TEST(found.channel->last_id == 9u);
  BOOST_TEST(found.channel->unasked.at(0).text == "said");
  BOOST_TEST(found.channel->unasked.at(0).descriptors == 1u);
  BOOST_TEST(found.channel->unasked.at(0).number == 8u);
  BOOST_TEST((found.channel->unasked.at(0).sender == control::Credentials{1, 2, 3}));
  BOOST_TEST(!found.failure);
}

BOOST_AUTO_TEST_CASE(descriptors_are_duplicates_and_all_of_them_are_listed) {
  const Handover left = sample();
  const std::string document = handover_document(left);
  const Handover found = handover_from(document);
  for (const auto& [mine, theirs] :
       {std::pair{&left.listener, &found.listener},
        {&left.init.pidfd, &found.init.pidfd},
        {&left.channel->socket, &found.channel->socket},
        {&left.channel->shelf.in(), &found.channel->shelf.in()},
        {&left.channel->shelf.out(), &found.channel->shelf.out()},
        {&left.execs[0].running->pidfd, &found.execs[0].running->pidfd}}) {
    BOOST_TEST(mine->get() != theirs->get());
    BOOST_TEST(sys::stat(mine->get()).st_ino == sys::stat(theirs->get()).st_ino);
  }
  BOOST_TEST(descriptors_of_handover(document).size() == 12u);
}

BOOST_AUTO_TEST_CASE(a_document_of_another_version_is_refused) {
  const Handover left = sample();
  json document = json::parse(handover_document(left));
  for (const json& version : {json(0), json(3), json("2"), json()}) {
    document["version"] = version;
    BOOST_CHECK_EXCEPTION(handover_from(document.dump()), Error, [&](const Error& error) {
      return error.kind() == ErrorKind::Unsupported &&
             names(error, ("version " + version.dump() + ", not 1 to 2").c_str());
    });
  }
}

// What a shim of the first version leaves.
BOOST_AUTO_TEST_CASE(a_document_of_the_first_version_is_understood) {
  const Handover left = sample();
  json document = json::parse(handover_document(left));
  document["version"] = 1;
  for (const char* name : {"counted", "log"}) document.erase(name);
  document["init"].erase("isChild");
  document["initIsChild"] = false;
  for (const char* name : {"stdinClients", "stdoutClients", "stderrClients", "counted"})
    document["streams"].erase(name);
  document["channel"].erase("counted");
  document["channel"].erase("shelf");
  document["channel"]["unasked"][0].erase("descriptors");
  document["channel"]["unasked"][0].erase("number");
  document["channel"]["unasked"][0]["fds"] = {left.channel->socket.get()};
  document["execs"][0].erase("streams");
  Handover found = handover_from(document.dump());
  BOOST_TEST(found.execs.at(0).running->pid == 57);
  BOOST_TEST(!found.execs.at(0).stdio);
  BOOST_TEST(found.channel->unasked.at(0).descriptors == 1u);
  BOOST_TEST(found.channel->shelf.take(1).size() == 1u);
  BOOST_TEST((found.init.relation == Process::Relation::taken_over));
  BOOST_TEST((found.execs.at(0).running->relation == Process::Relation::child));
  BOOST_TEST(found.stdio.inputs.empty());
  BOOST_TEST(found.counted.requests == 0u);
  BOOST_TEST(!found.log);
}

BOOST_AUTO_TEST_CASE(a_document_that_is_cut_anywhere_is_refused) {
  const Handover left = sample();
  const std::string document = handover_document(left);
  for (std::size_t size = 0; size < document.size(); ++size)
    BOOST_CHECK_THROW(handover_from(document.substr(0, size)), Error);
}

BOOST_AUTO_TEST_CASE(a_document_without_any_of_its_members_is_refused) {
  const Handover left = sample();
  const json document = json::parse(handover_document(left));
  for (const auto& [name, value] : document.items()) {
    if (name == "channel" || name == "descriptors" || name == "counted" || name == "log") continue;
    json less = document;
    less.erase(name);
    BOOST_CHECK_THROW(handover_from(less.dump()), Error);
  }
}

BOOST_AUTO_TEST_CASE(it_is_given_back_once) {
  const Handover left = sample();
  const std::string document = handover_document(left);
  const auto returned = returned_handover(document, "no such thing");
  BOOST_REQUIRE(returned);
  BOOST_TEST(returned->program == left.previous.get());
  BOOST_TEST(handover_from(returned->document).failure.value() == "no such thing");
  BOOST_TEST(!returned_handover(returned->document, "again"));
}

BOOST_AUTO_TEST_SUITE_END()
