#pragma once

#include <string>

#include "tests/engines/sandbox.hpp"

namespace ocelot::test {

// Makes an OCI image archive (tar) from the machine's static busybox with umoci, or finds the one
// that it made; returns its path.
//
// The image is called `name`, has every applet in /bin and runs as `user` (empty: root). It knows
// the user alice (1000:1000), who is also in the group staff (50).
std::string busybox_archive(const Sandbox& sandbox, const std::string& name,
                            const std::string& user = {});

// The same tree alone as an archive, for engines that read no OCI image.
std::string busybox_tree(const Sandbox& sandbox);

}  // namespace ocelot::test
