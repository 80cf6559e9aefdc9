#pragma once
#include <atomic>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "runtime/base/sys_files.hpp"
#include "shim/control/client.hpp"

namespace ocelot::test {

// Stands between Client and Server and does to their packets what a lossless socket never does. It
// runs in a thread of its own; what it does follows from `seed`.
class Proxy {
 public:
  struct Faults {
    double lose = 0, damage = 0, twice = 0, late = 0;  // shares of all packets
    double cut = 0;                                    // the whole connection
  };
  Proxy(std::function<ocelot::UniqueFd()> connect, Faults faults, unsigned seed);
  ~Proxy();

  // For Client: a connection by way of the proxy.
  control::Client::Connect connector();
  unsigned faults_made() const { return made_; }
  // Breaks every connection there is.
  void cut();

 private:
  struct Pipe;
  void work();
  bool pass(Pipe& pipe, bool forward);

  std::function<ocelot::UniqueFd()> connect_;
  Faults faults_;
  std::mt19937 random_;
  sys::Pipe wake_;
  std::mutex mutex_;
  std::vector<ocelot::UniqueFd> fresh_;
  std::atomic<bool> stop_{false}, cut_{false};
  std::atomic<unsigned> made_{0};
  std::thread thread_;
};

}  // namespace ocelot::test
