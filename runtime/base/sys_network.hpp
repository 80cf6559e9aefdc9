#pragma once

namespace ocelot::sys {

// Brings up the loopback interface of the calling process's network namespace. man: netdevice(7)
void bring_up_loopback();

}  // namespace ocelot::sys
