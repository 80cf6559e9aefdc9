#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "shim/control/authority.hpp"

// The operations by name. The library carries their arguments without looking at them.
namespace ocelot::control {

enum class Operation : std::uint8_t {
  State,
  Status,
  Stats,
  Ps,
  Events,
  Wait,
  Logs,
  Cancel,
  Start,
  Pause,
  Resume,
  Kill,
  Exec,
  Resize,
  Update,
  Attach,
  CloseStdin,
  Open,
  Channel,
  Delete,
  Shutdown,
  Upgrade,
};
inline constexpr std::size_t operations = 22;

struct OperationTraits {
  Operation operation;
  std::string_view name;  // "close-stdin"
  Role needs;
  bool has_effect;           // done at most once for one request id, and its result remembered
  std::uint8_t descriptors;  // a request may bring at most so many
};

std::span<const OperationTraits> all_operations() noexcept;
const OperationTraits& traits(Operation operation) noexcept;
std::optional<Operation> operation_of_name(std::string_view name) noexcept;

}  // namespace ocelot::control
