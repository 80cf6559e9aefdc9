#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/lookup.hpp"
#include "shim/control/documents.hpp"

namespace ocelot::cli {
namespace {

using control::Clock;

constexpr std::chrono::seconds silence{10};
constexpr std::chrono::milliseconds time_to_reconnect{100};
constexpr const char* sign_of_life = R"({"operation":"state"})";

}  // namespace

std::optional<Shim> Shim::of(const GlobalOptions& global, const std::string& id) {
  const auto directory = Store::reach(global.root, id);
  return directory ? of(directory->get()) : std::nullopt;
}

std::optional<Shim> Shim::of(int directory) {
  auto client = control::Client::connect_if_listening(directory);
  if (!client) return std::nullopt;
  return Shim{std::move(*client)};
}

Shim Shim::needed(const GlobalOptions& global, const std::string& id) {
  if (auto shim = of(global, id)) return std::move(*shim);
  if (!Store::reach(global.root, id)) fail_not_found(id);
  throw Error{ErrorKind::WrongState, fmt::format("container {} has no shim", id)}.with_hint(
      "create and run start one with --shim; `ocelot shim adopt` brings one back");
}

control::Client::Answer Shim::ask(const std::string& document, std::vector<UniqueFd> fds) {
  const std::uint64_t id = client_.send(document, std::move(fds));
  for (;;) {
    auto come = next(silence);
    auto answer = come ? answer_in(std::move(*come), id) : std::nullopt;
    if (answer) return std::move(*answer);
  }
}

std::optional<control::Client::Answer> Shim::ask_unless_gone(const std::string& document,
                                                             const std::function<bool()>& gone) {
  const std::uint64_t id = client_.send(document);
  for (;;) {
    auto come = next(time_to_reconnect);
    if (!come && client_.fd() == -1 && gone()) return std::nullopt;
    auto answer = come ? answer_in(std::move(*come), id) : std::nullopt;
    if (answer) return answer;
  }
}

std::optional<control::Client::Answer> Shim::answer_in(control::Client::Incoming&& come,
                                                       std::uint64_t id) {
  if (come.kind != control::Client::Incoming::Kind::Reply || come.id != id) return std::nullopt;
  if (auto error = control::error_of(come.document)) throw std::move(*error);
  return control::Client::Answer{std::move(come.document), std::move(come.fds)};
}

std::optional<control::Client::Incoming> Shim::next(std::chrono::milliseconds time) {
  const auto deadline = Clock::now() + time;
  for (;;) {
    auto come = client_.wait(std::min(deadline, heard_ + silence / 2));
    if (!come && Clock::now() - heard_ >= silence / 2) {
      // Throws when it does not answer that either.
      client_.request(sign_of_life, {}, Clock::now() + silence / 2);
    } else if (!come) {
      return std::nullopt;
    }
    heard_ = Clock::now();
    if (come || heard_ >= deadline) return come;
  }
}

Owner owner_of(const GlobalOptions& global, const std::string& id, const char* operation) {
  if (auto shim = Shim::of(global, id)) return std::move(*shim);
  ContainerDirectory directory = lock_container(global, id, operation);
  if (auto shim = Shim::of(directory.fd())) return std::move(*shim);
  return directory;
}

std::string exit_document(Shim& shim, const std::string& process) {
  nlohmann::json request{{"operation", "wait"}};
  if (!process.empty()) request["process"] = process;
  return shim.ask(request.dump()).document;
}

ExitStatus exit_status(Shim& shim, const std::string& process) {
  const ExitRecord exit = exit_record_from(exit_document(shim, process));
  if (exit.status) return *exit.status;
  throw Error{ErrorKind::Failed, "how the process ended is not known"}.with_hint(
      "it ended while the container had no shim");
}

}  // namespace ocelot::cli
