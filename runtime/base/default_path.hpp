#pragma once

namespace ocelot {

// Where programs are looked up when the environment has no PATH.
constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace ocelot
