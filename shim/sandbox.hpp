#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/event_loop.hpp"
#include "runtime/container.hpp"
#include "runtime/exit_record.hpp"
#include "runtime/options.hpp"
#include "shim/additions.hpp"
#include "shim/container_peer.hpp"
#include "shim/handover.hpp"
#include "shim/memory.hpp"
#include "shim/oom_events.hpp"
#include "shim/process.hpp"
#include "shim/readiness_relay.hpp"
#include "shim/reaper.hpp"
#include "shim/shim_log.hpp"
#include "shim/stdio/stdio.hpp"
#include "shim/workers.hpp"

namespace ocelot::shim {

// A process that `exec` adds, also for a while after its end.
struct Exec {
  std::string name;
  std::unique_ptr<Process> process;  // null while it is being made
  std::unique_ptr<Stdio> stdio;      // null unless its streams are kept here
  std::optional<ExitRecord> exit;    // once its last output is where it belongs
};

// The container, and all that the shim holds of it: its init, the processes that exec added, their
// streams, and how they ended.
class Sandbox {
 public:
  // What is told of it: `event` is a JSON object.
  using Publish = std::function<void(const std::string& event)>;

  Sandbox(EventLoop& loop, Reaper& reaper, const GlobalOptions& global, std::string id,
          const StdioOptions& stdio_options);
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  void set_publish(Publish publish) { publish_ = std::move(publish); }
  // Told when a process has ended and that was announced: one of exec, or init.
  void set_ended(std::function<void()> ended) { ended_ = std::move(ended); }

  // The container has been made: `pidfd` is its init's, a child of this process. `terminal` is the
  // master, or empty where the streams are FIFOs.
  void hold(pid_t pid, UniqueFd pidfd, UniqueFd terminal);
  // The container was made by a shim that is gone: `directory` is its state directory, whose lock
  // the caller holds. Where the container has ended, how is what was recorded, else unknown. Throws
  // Error{WrongState} when its streams cannot be had again.
  void take_over(UniqueFd directory, const Memory& memory);
  // For the program that this one executes in its place; afterwards nothing is held here. Only
  // while settled().
  void hand_over(Handover& handover);
  // The container was held by the program that executed this one. Nothing is written to it: that is
  // for go_on_with_streams(), once nothing can be given back.
  void go_on(Handover& handover);
  void go_on_with_streams(Handover& handover);
  // Nothing is under way that only this program knows of: no worker, no command in the channel.
  bool settled() const;
  // Its end has been seen, though it may not have been told yet.
  bool ended() const { return exit_.has_value(); }
  // Our end of the container's channel.
  void hold_channel(UniqueFd socket);
  // Null when the container has no channel.
  ContainerPeer* peer() { return peer_ ? &*peer_ : nullptr; }
  // Whether the process is one of the container's; no when it is gone, unless it was init.
  bool owns(pid_t pid) const;
  // Keeps the name (empty: one of ours) for a process that is yet to be made, and returns it.
  // Throws Error{InvalidArgument, AlreadyExists} for one that is no name, or taken.
  std::string reserve_exec(std::string name);
  // Its streams are kept here, from before its start. Throws Error when there are too many.
  Stdio& keep_streams(const std::string& name, Streams streams);
  // The process of that name is there; or there will be none.
  Exec& add_exec(const std::string& name, pid_t pid, UniqueFd pidfd);
  void release_exec(const std::string& name);
  // By its name, or else by its process id. Throws Error{NotFound}.
  Exec& exec(const std::string& word);

  // Lets the container's process go, by a worker; one of both is called.
  void start(std::function<void()> done, Worker::Failed failed);
  // Whom a service manager is to watch, instead of init.
  void set_main_process(pid_t pid) { main_process_ = pid; }
  oci::Status status() const;

  const GlobalOptions& global() const { return global_; }
  const std::string& id() const { return id_; }
  int directory() const { return directory_.get(); }
  const Container& container() const { return *container_; }
  ExecContainer& exec_container() { return *exec_container_; }
  Process& init() const { return *init_; }
  Stdio& stdio() const { return *stdio_; }
  const StdioOptions& stdio_options() const { return stdio_options_; }
  // Once it is recorded, its last output is where it belongs, and it was announced.
  const std::optional<ExitRecord>& exit() const { return announced_ ? exit_ : not_ended_; }
  Workers& workers() { return workers_; }
  LastingWorkers& lasting_workers() { return lasting_workers_; }
  Additions& additions() { return additions_; }
  // What only this program knows of, by count: workers, and processes on their way.
  std::size_t under_way() const {
    return workers_.size() + lasting_workers_.working() + additions_.size();
  }
  ShimLog& log() { return log_; }
  void publish(const std::string& event) const {
    if (publish_) publish_(event);
  }

 private:
  void look(UniqueFd directory);
  std::unique_ptr<Process> watch_init(pid_t pid, UniqueFd pidfd, Process::Relation relation);
  std::unique_ptr<Process> watch_exec(const std::string& name, pid_t pid, UniqueFd pidfd,
                                      Process::Relation relation);
  void watch_memory();
  void take_over_execs();
  std::string free_exec_name();
  StdioOptions exec_stdio_options() const;
  void exec_ended(const std::string& name, ExitRecord record);
  void announce_exec_end(const std::string& name, ExitRecord record);
  void forget_the_oldest();
  bool exec_is_ending() const;
  void init_ended(ExitRecord record);
  void save_exit_later();
  void settle_end(ExitRecord record);
  void kill_the_rest();
  void announce_end_if_settled();
  void started();

  EventLoop& loop_;
  Reaper& reaper_;
  const GlobalOptions& global_;
  const std::string id_;
  const StdioOptions stdio_options_;
  Workers workers_;
  LastingWorkers lasting_workers_;
  Additions additions_;
  ShimLog log_;
  ReadinessRelay readiness_;
  std::optional<pid_t> main_process_;
  UniqueFd directory_;
  std::optional<Container> container_;
  std::optional<ExecContainer> exec_container_;
  std::unique_ptr<Process> init_;
  std::optional<OomEvents> oom_events_;  // while init runs
  std::unique_ptr<Stdio> stdio_;
  std::optional<ContainerPeer> peer_;
  const std::optional<ExitRecord> not_ended_;
  std::optional<ExitRecord> exit_;
  bool started_ = false, drained_ = false, announced_ = false;
  std::map<std::string, Exec> execs_;
  std::deque<std::string> ended_execs_;  // by their end
  std::uint64_t next_exec_ = 1;
  EventLoop::Watch patience_, saving_;
  Publish publish_;
  std::function<void()> ended_;
};

}  // namespace ocelot::shim
