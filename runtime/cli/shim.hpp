#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/exit_record.hpp"
#include "runtime/options.hpp"
#include "runtime/store.hpp"
#include "shim/control/client.hpp"

namespace ocelot::cli {

// The shim of a container, asked instead of acting: what changes a container with a shim goes
// through its socket.
class Shim {
 public:
  // nullopt when the container has none, or is not there: then the command acts itself.
  static std::optional<Shim> of(const GlobalOptions& global, const std::string& id);
  // The same of one whose directory is open.
  static std::optional<Shim> of(int directory);
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

// Who is to change a container: its shim, also one that came while the lock for `operation` was
// waited for, and where there is none whoever has the lock. Throws Error{NotFound}.
using Owner = std::variant<Shim, ContainerDirectory>;
Owner owner_of(const GlobalOptions& global, const std::string& id, const char* operation);

// One owner: `document` is asked of the container's shim; where there is none, `act` is given the
// locked container.
template <typename Act>
void ask_or_act(const GlobalOptions& global, const std::string& id, const char* operation,
                const std::string& document, Act act) {
  Owner owner = owner_of(global, id, operation);
  if (auto* shim = std::get_if<Shim>(&owner)) {
    shim->ask(document);
  } else {
    act(std::get<ContainerDirectory>(std::move(owner)));
  }
}

// How a process ended, as the reply to `wait` tells; waits for it. `process` is the name of one
// that exec added, or empty for the container's own.
std::string exit_document(Shim& shim, const std::string& process = {});
// Throws Error when nobody saw it.
ExitStatus exit_status(Shim& shim, const std::string& process = {});

}  // namespace ocelot::cli
