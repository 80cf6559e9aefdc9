#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "cgroups/driver.hpp"
#include "cgroups/systemd/property.hpp"

// What the runtime and ocelot-systemd say to each other: one document each way, a packet each, over
// the helper's standard input.
namespace ocelot::cgroups::systemd {

inline constexpr std::size_t longest_document = 128 * 1024;

enum class Operation {
  start,   // and stay in the unit until the connection ends
  stop,    // and forget that it failed; a unit that is not there is no error
  change,  // its properties, until it ends
};

struct Request {
  Operation operation = Operation::start;
  Instance instance = Instance::system;
  std::string unit;
  Properties properties;
  std::chrono::milliseconds timeout{};

  bool operator==(const Request&) const = default;
};

struct Answer {
  std::string error, hint;           // empty: it is done
  std::vector<std::string> ignored;  // the properties that the service manager does not know

  bool operator==(const Answer&) const = default;
};

// Throw Error for a document that is not what they make, and for one that is too long.
std::string encode(const Request& request);
Request decode_request(const std::string& document);
std::string encode(const Answer& answer);
Answer decode_answer(const std::string& document);

}  // namespace ocelot::cgroups::systemd
