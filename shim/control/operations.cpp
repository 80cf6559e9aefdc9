#include "shim/control/operations.hpp"

#include <algorithm>
#include <array>

#include "shim/control/limits.hpp"

namespace ocelot::control {
namespace {

constexpr std::array<OperationTraits, operations> table{{
    {Operation::State, "state", Role::Observer, false, 0},
    {Operation::Status, "status", Role::Operator, false, 0},
    {Operation::Stats, "stats", Role::Observer, false, 0},
    {Operation::Ps, "ps", Role::Operator, false, 0},
    {Operation::Events, "events", Role::Observer, false, 0},
    {Operation::Wait, "wait", Role::Observer, false, 0},
    {Operation::Logs, "logs", Role::Operator, false, 0},
    {Operation::Cancel, "cancel", Role::Observer, false, 0},
    {Operation::Start, "start", Role::Operator, true, 0},
    {Operation::Pause, "pause", Role::Operator, true, 0},
    {Operation::Resume, "resume", Role::Operator, true, 0},
    {Operation::Kill, "kill", Role::Operator, true, 0},
    {Operation::Exec, "exec", Role::Operator, true, 3},
    {Operation::Resize, "resize", Role::Operator, true, 0},
    {Operation::Update, "update", Role::Operator, true, 0},
    {Operation::Attach, "attach", Role::Operator, false, 0},
    {Operation::CloseStdin, "close-stdin", Role::Operator, true, 0},
    {Operation::Open, "open", Role::Operator, false, 0},
    {Operation::Channel, "channel", Role::Operator, false, max_descriptors},
    {Operation::Delete, "delete", Role::Operator, true, 0},
    {Operation::Shutdown, "shutdown", Role::Operator, true, 0},
    {Operation::Upgrade, "upgrade", Role::Owner, true, 1},
}};

}  // namespace

std::span<const OperationTraits> all_operations() noexcept {
  return table;
}

const OperationTraits& traits(Operation operation) noexcept {
  return table[static_cast<std::size_t>(operation)];
}

std::optional<Operation> operation_of_name(std::string_view name) noexcept {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const OperationTraits& entry) { return entry.name == name; });
  if (found == table.end()) return std::nullopt;
  return found->operation;
}

}  // namespace ocelot::control
