#pragma once
#include <optional>
#include <string>
#include <vector>

namespace ocelot {

// Socket activation: how many descriptors from 3 up the caller's LISTEN_FDS says are for this
// process. man: sd_listen_fds(3)
struct ListenFds {
  unsigned count = 0;
  std::string names;  // LISTEN_FDNAMES
};
ListenFds listen_fds_of_caller();

constexpr unsigned most_inherited_fds = 65536;

// Whatever callers claim, it does not wrap round: above the most when either is.
unsigned sum_of_inherited(unsigned listen, unsigned preserved);

// Which of the `count` descriptors from 3 up are open. The others are occupied for as long as this
// process lives, so that nothing the runtime opens is taken for one of them; in the container they
// stay closed.
std::vector<int> reserve_inherited_fds(unsigned count);

// What the caller hands through to the container. To be asked for before anything is opened that
// could take one of the numbers.
struct InheritedFds {
  explicit InheritedFds(unsigned preserved)
      : listen(listen_fds_of_caller()),
        count(sum_of_inherited(listen.count, preserved)),
        numbers(reserve_inherited_fds(count)) {}

  // For a process that stays, when the container has them: who reads from the other end of one
  // waits for its end.
  void close() const;

  ListenFds listen;
  unsigned count;  // from 3 up, open or not
  std::vector<int> numbers;
  // Not of the caller: the container's end of a channel that the shim made, whatever its number.
  // Borrowed.
  std::optional<int> channel;
};

}  // namespace ocelot
