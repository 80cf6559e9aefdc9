#pragma once

namespace ocelot {

// Gives back the memory that this process has written so far, of which a copy of another process
// has most: for one that then waits for long. What is left is its code, the stack around the
// caller, what belongs to the thread, and the table of libc's functions.
//
// From then on nothing may be used that was allocated before, nor anything static, nor what the
// callers of the caller have on the stack: the caller never returns. Does nothing in a program that
// is linked dynamically, which calls through tables that it has written.
void give_back_memory() noexcept;

}  // namespace ocelot
