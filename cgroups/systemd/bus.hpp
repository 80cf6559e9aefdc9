#pragma once
#include <systemd/sd-bus.h>

#include <memory>
#include <optional>
#include <string>

#include "cgroups/signals.hpp"
#include "cgroups/systemd/request.hpp"

namespace ocelot::cgroups::systemd {

// A service manager, over D-Bus. Everything that waits for it does so until the deadline at most,
// and then says what it waited for. man: org.freedesktop.systemd1(5)
class Bus {
 public:
  // The manager's own socket, where the caller may use it: no broker is needed then, nor in
  // between.
  Bus(Instance instance, std::chrono::milliseconds timeout);
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Each returns when the job that does it is done. The names of properties are taken out that the
  // manager does not know, and may not know.
  void start(const std::string& unit, Properties& properties);
  void stop(const std::string& unit);
  void change(const std::string& unit, Properties& properties);

 private:
  struct Unref {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
  };
  using Message = std::unique_ptr<sd_bus_message, Unref>;
  struct Refusal {
    std::string name, text;  // of the D-Bus error
  };

  Message request(const char* method) const;
  // The reply, or why there is none.
  Message call(const Message& request, const char* what, std::optional<Refusal>& refusal);
  std::optional<Refusal> try_start(const std::string& unit, const Properties& properties);
  void reset_failed(const std::string& unit);
  void wait_for_job(const std::string& unit, const char* what);
  static int removed(sd_bus_message* message, void* self, sd_bus_error* error);
  std::uint64_t left_us() const;

  Instance instance_;
  Deadline deadline_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<sd_bus, Unref> bus_;
  std::string job_;     // the one that is waited for
  std::string result_;  // how it ended
};

}  // namespace ocelot::cgroups::systemd
