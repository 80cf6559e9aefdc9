#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/exit_record.hpp"
#include "runtime/options.hpp"
#include "shim/control/client.hpp"

namespace ocelot::cli {

// The shim of a container, asked instead of acting: what changes a container with a shim goes
// through its socket.
class Shim {
 public:
  // nullopt when the container has none, or is not there: then the command acts itself.
  static std::optional<Shim> of(const GlobalOptions& global, const std::string& id);
  // Throws Error{WrongState} that says so instead.
  static Shim needed(const GlobalOptions& global, const std::string& id);

  // Asks, and waits for the answer for as long as the shim gives signs of life; throws what it
  // refuses, and after ten seconds of silence an Error that names it.
  control::Client::Answer ask(const std::string& document, std::vector<UniqueFd> fds = {});
  // The same; nullopt when it went without an answer, as `gone` says once the connection is lost.
  std::optional<control::Client::Answer> ask_unless_gone(const std::string& document,
                                                         const std::function<bool()>& gone);
  // What comes next, within `time`; nullopt when nothing did. Throws as ask() does.
  std::optional<control::Client::Incoming> next(std::chrono::milliseconds time);
  control::Client& client() { return client_; }

 private:
  explicit Shim(control::Client client) : client_(std::move(client)) {}
  // The answer to request `id` that came; nullopt when that is something else. Throws a refusal.
  static std::optional<control::Client::Answer> answer_in(control::Client::Incoming&& come,
                                                          std::uint64_t id);
  control::Client client_;
  control::Clock::time_point heard_ = control::Clock::now();
};

// One owner: `document` is asked of the container's shim; where there is none, `act` does it here.
template <typename Act>
void ask_or_act(const GlobalOptions& global, const std::string& id, const std::string& document,
                Act act) {
  if (auto shim = Shim::of(global, id)) {
    shim->ask(document);
  } else {
    act();
  }
}

// How a process ended, as the reply to `wait` tells; waits for it. `process` is the name of one
// that exec added, or empty for the container's own.
std::string exit_document(Shim& shim, const std::string& process = {});
// Throws Error when nobody saw it.
ExitStatus exit_status(Shim& shim, const std::string& process = {});

}  // namespace ocelot::cli
