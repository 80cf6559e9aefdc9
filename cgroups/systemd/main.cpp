// ocelot-systemd: carries out the one request on its standard input, answers it there, and ends.
// When it has started a unit it is the process in it, and stays until the runtime hangs up.
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "cgroups/systemd/bus.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/unix_socket.hpp"

namespace {

using namespace ocelot;
using namespace ocelot::cgroups::systemd;

std::vector<std::string> missing(const Properties& asked, const Properties& taken) {
  std::vector<std::string> names;
  for (const Property& property : asked) {
    if (std::ranges::find(taken, property.name, &Property::name) == taken.end())
      names.push_back(property.name);
  }
  return names;
}

Answer carry_out(const Request& request) {
  Bus bus{request.instance, request.timeout};
  Properties properties = request.properties;
  switch (request.operation) {
    case Operation::start:
      bus.start(request.unit, properties);
      break;
    case Operation::stop:
      bus.stop(request.unit);
      break;
    case Operation::change:
      bus.change(request.unit, properties);
      break;
  }
  return {.ignored = missing(request.properties, properties)};
}

Answer answer_to(const std::string& document) {
  try {
    return carry_out(decode_request(document));
  } catch (const Error& error) {
    return {.error = error.what(), .hint = error.hint()};
  } catch (const std::exception& error) {
    return {.error = error.what()};
  }
}

}  // namespace

int main() {
  constexpr int runtime = STDIN_FILENO;
  try {
    const auto request = receive_packet(runtime, longest_document);
    if (!request) return 1;
    send_packet(runtime, encode(answer_to(request->bytes)));
    while (receive_packet(runtime, longest_document)) continue;
    return 0;
  } catch (const std::exception&) {
    return 1;  // the runtime tells of an answer that does not come
  }
}
