#include "cgroups/systemd/bus.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "cgroups/systemd/message.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_network.hpp"

namespace ocelot::cgroups::systemd {
namespace {

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* object = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr const char* no_such_unit = "org.freedesktop.systemd1.NoSuchUnit";
constexpr const char* unit_exists = "org.freedesktop.systemd1.UnitExists";

constexpr int pause_ms = 10;  // when a socket's backlog is full, which nothing announces the end of

const char* words_for(Instance instance) {
  return instance == Instance::system ? "systemd" : "the user's systemd";
}

// D-Bus Specification, "Server Addresses": all others are escaped.
std::string address_of(std::string_view path) {
  std::string address = "unix:path=";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '_' || c == '-' || c == '.';
    address += plain ? std::string{c} : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return address;
}

// Empty where the environment does not tell.
std::string own_socket(Instance instance) {
  constexpr const char* below_the_runtime_directory = "/systemd/private";
  if (instance == Instance::system) return std::string{"/run"} + below_the_runtime_directory;
  const char* directory = std::getenv("XDG_RUNTIME_DIR");
  if (directory == nullptr || *directory == '\0') return {};
  return std::string{directory} + below_the_runtime_directory;
}

int open_own_socket(Instance instance, sd_bus** opened) {
  const std::string path = own_socket(instance);
  if (path.empty()) return -ENOENT;
  sd_bus* bus = nullptr;
  int outcome = sd_bus_new(&bus);
  if (outcome >= 0) outcome = sd_bus_set_address(bus, address_of(path).c_str());
  if (outcome >= 0) outcome = sd_bus_start(bus);
  if (outcome < 0) {
    sd_bus_unref(bus);
    return outcome;
  }
  *opened = bus;
  return 0;
}

int open_broker(Instance instance, sd_bus** opened) {
  return instance == Instance::system ? sd_bus_open_system(opened) : sd_bus_open_user(opened);
}

// systemd names the property that it refuses in its text alone.
bool names(std::string_view text, std::string_view property) {
  const auto is_letter = [&](std::size_t at) {
    return at < text.size() &&
           ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z'));
  };
  for (std::size_t at = text.find(property); at != std::string_view::npos;
       at = text.find(property, at + 1)) {
    if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + property.size())) return true;
  }
  return false;
}

bool take_out_unknown(Properties& properties, std::string_view text) {
  return std::erase_if(properties, [&](const Property& property) {
           return property.unknown == Unknown::ignore && names(text, property.name);
         }) != 0;
}

}  // namespace

Bus::Bus(Instance instance, std::chrono::milliseconds timeout)
    : instance_(instance), deadline_(timeout), timeout_(timeout) {
  for (;;) {
    sd_bus* opened = nullptr;
    int outcome = open_own_socket(instance, &opened);
    if (outcome < 0 && outcome != -EAGAIN) outcome = open_broker(instance, &opened);
    bus_.reset(opened);
    if (outcome >= 0) break;
    if (outcome == -EAGAIN && !deadline_.passed()) {
      sys::poll(-1, 0, pause_ms);
      continue;
    }
    throw Error{ErrorKind::Failed, fmt::format("cannot connect to {}", words_for(instance)),
                -outcome}
        .with_hint(instance == Instance::system
                       ? "/run/systemd/private or the D-Bus system bus is needed"
                       : "a login session is needed, with XDG_RUNTIME_DIR or "
                         "DBUS_SESSION_BUS_ADDRESS set (loginctl enable-linger gives one)");
  }
  const int outcome = sd_bus_match_signal(bus_.get(), nullptr, service, object, manager,
                                          "JobRemoved", removed, this);
  if (outcome < 0) sys::fail(-outcome, "sd_bus_match_signal JobRemoved");
  // Over a broker the manager tells of jobs only when asked to; on its own socket always.
  std::optional<Refusal> ignored;
  call(request("Subscribe"), "answer Subscribe", ignored);
}

std::uint64_t Bus::left_us() const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, deadline_.left().count()));
}

Bus::Message Bus::request(const char* method) const {
  sd_bus_message* made = nullptr;
  const int outcome =
      sd_bus_message_new_method_call(bus_.get(), &made, service, object, manager, method);
  if (outcome < 0) sys::fail(-outcome, fmt::format("sd_bus_message_new_method_call {}", method));
  return Message{made};
}

Bus::Message Bus::call(const Message& request, const char* what, std::optional<Refusal>& refusal) {
  refusal.reset();
  sd_bus_message* reply = nullptr;
  sd_bus_error error{};
  const int outcome = sd_bus_call(bus_.get(), request.get(), left_us(), &error, &reply);
  const std::unique_ptr<sd_bus_error, void (*)(sd_bus_error*)> freed{&error, sd_bus_error_free};
  if (outcome >= 0) return Message{reply};
  if (outcome == -ETIMEDOUT || deadline_.passed()) {
    throw Error{ErrorKind::Failed,
                fmt::format("{} did not {} in {} s", words_for(instance_), what,
                            std::chrono::ceil<std::chrono::seconds>(timeout_).count())}
        .with_hint("it is busy or hangs: `systemctl list-jobs` and its log tell of what");
  }
  if (error.name == nullptr)
    sys::fail(-outcome, fmt::format("wait for {} to {}", words_for(instance_), what));
  refusal = Refusal{error.name, error.message != nullptr ? error.message : error.name};
  return {};
}

int Bus::removed(sd_bus_message* message, void* self, sd_bus_error*) {
  auto& bus = *static_cast<Bus*>(self);
  std::uint32_t id = 0;
  const char *job = nullptr, *unit = nullptr, *result = nullptr;
  if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0 && bus.job_ == job)
    bus.result_ = result;
  return 0;
}

// The signal cannot come before the reply that names the job, nor be missed after it.
void Bus::wait_for_job(const std::string& unit, const char* what) {
  while (result_.empty()) {
    const int outcome = sd_bus_process(bus_.get(), nullptr);
    if (outcome < 0) sys::fail(-outcome, fmt::format("wait for {}'s job", unit));
    if (outcome > 0) continue;
    if (deadline_.passed()) {
      throw Error{
          ErrorKind::Failed,
          fmt::format("{} did not {} {} in {} s: its job is still waiting", words_for(instance_),
                      what, unit, std::chrono::ceil<std::chrono::seconds>(timeout_).count())}
          .with_hint("`systemctl list-jobs --after` shows what it waits for");
    }
    sd_bus_wait(bus_.get(), left_us());
  }
  if (result_ == "done") return;
  throw Error{ErrorKind::Failed, fmt::format("{} could not {} {}: its job ended with \"{}\"",
                                             words_for(instance_), what, unit, result_)}
      .with_hint(fmt::format("`journalctl -u {0}` and `systemctl status {0}` tell why", unit));
}

std::optional<Bus::Refusal> Bus::try_start(const std::string& unit, const Properties& properties) {
  const Message message = request("StartTransientUnit");
  int outcome = sd_bus_message_append(message.get(), "ss", unit.c_str(), "fail");
  if (outcome < 0) sys::fail(-outcome, "sd_bus_message_append");
  append(message.get(), properties);
  outcome = sd_bus_message_append(message.get(), "a(sa(sv))", 0);
  if (outcome < 0) sys::fail(-outcome, "sd_bus_message_append");
  std::optional<Refusal> refusal;
  const Message reply = call(message, "answer StartTransientUnit", refusal);
  if (refusal) return refusal;
  const char* job = nullptr;
  outcome = sd_bus_message_read(reply.get(), "o", &job);
  if (outcome < 0) sys::fail(-outcome, "reply to StartTransientUnit");
  job_ = job;
  return std::nullopt;
}

void Bus::reset_failed(const std::string& unit) {
  const Message message = request("ResetFailedUnit");
  const int outcome = sd_bus_message_append(message.get(), "s", unit.c_str());
  if (outcome < 0) sys::fail(-outcome, "sd_bus_message_append");
  std::optional<Refusal> not_failed;
  call(message, "answer ResetFailedUnit", not_failed);
}

void Bus::start(const std::string& unit, Properties& properties) {
  bool was_reset = false;
  for (;;) {
    const auto refusal = try_start(unit, properties);
    if (!refusal) return wait_for_job(unit, "start");
    // One that failed before is in the way until it is forgotten.
    if (refusal->name == unit_exists && !std::exchange(was_reset, true)) {
      reset_failed(unit);
      continue;
    }
    if (refusal->name != unit_exists && take_out_unknown(properties, refusal->text)) continue;
    throw Error{ErrorKind::Failed, fmt::format("{} refuses to start {}: {}", words_for(instance_),
                                               unit, refusal->text)}
        .with_hint(
            refusal->name == unit_exists
                ? "a container needs a unit of its own: use another cgroupsPath, or stop the "
                  "one that is there"
                : "");
  }
}

void Bus::stop(const std::string& unit) {
  const Message message = request("StopUnit");
  int outcome = sd_bus_message_append(message.get(), "ss", unit.c_str(), "replace");
  if (outcome < 0) sys::fail(-outcome, "sd_bus_message_append");
  std::optional<Refusal> refusal;
  const Message reply = call(message, "answer StopUnit", refusal);
  if (refusal && refusal->name == no_such_unit) return;
  if (refusal)
    throw Error{ErrorKind::Failed, fmt::format("{} refuses to stop {}: {}", words_for(instance_),
                                               unit, refusal->text)};
  const char* job = nullptr;
  outcome = sd_bus_message_read(reply.get(), "o", &job);
  if (outcome < 0) sys::fail(-outcome, "reply to StopUnit");
  job_ = job;
  wait_for_job(unit, "stop");
  reset_failed(unit);
}

void Bus::change(const std::string& unit, Properties& properties) {
  for (;;) {
    const Message message = request("SetUnitProperties");
    const int outcome = sd_bus_message_append(message.get(), "sb", unit.c_str(), 1);
    if (outcome < 0) sys::fail(-outcome, "sd_bus_message_append");
    append(message.get(), properties);
    std::optional<Refusal> refusal;
    call(message, "answer SetUnitProperties", refusal);
    if (!refusal) return;
    if (take_out_unknown(properties, refusal->text)) continue;
    throw Error{ErrorKind::Failed, fmt::format("{} refuses to change {}: {}", words_for(instance_),
                                               unit, refusal->text)};
  }
}

}  // namespace ocelot::cgroups::systemd
