#include "runtime/cli/attachment.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/sys_terminals.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::json;

sigset_t awaited_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH})
    ::sigaddset(&set, signal);
  return set;
}

// Of the process that exec added, or the container's own.
std::string request(const std::string& process, json document) {
  if (!process.empty()) document["process"] = process;
  return document.dump();
}

}  // namespace

Attachment::Attachment(Shim& shim, const Options& options)
    : shim_(shim),
      process_(options.process),
      keys_(options.detach_keys),
      earlier_mask_(sys::signal_mask()) {
  const bool input = options.input && sys::is_open(STDIN_FILENO);
  auto answer = shim.ask(request(process_, {{"operation", "attach"},
                                            {"stdin", input},
                                            {"once", options.once},
                                            {"detachable", CallerTerminal::exists()},
                                            {"replay", options.replay}}));
  terminal_ = json::parse(answer.document).at("terminal");
  const std::size_t expected = (input ? 1u : 0u) + (terminal_ ? 1u : 2u);
  if (answer.fds.size() != expected)
    throw Error{ErrorKind::Failed, "the shim sent other descriptors than those of the streams"};

  const sigset_t awaited = awaited_signals();
  sys::block_signals(awaited);
  signals_ = sys::signal_descriptor(awaited);
  signal_watch_ =
      loop_.watch(signals_.get(), EPOLLIN, [this](std::uint32_t) { receive_signals(); });
  auto fd = answer.fds.begin();
  if (input) relay_input(std::move(*fd++));
  relay(std::move(*fd++), STDOUT_FILENO, options.once);
  if (!terminal_) relay(std::move(*fd), STDERR_FILENO, options.once);
  resize();
}

Attachment::~Attachment() {
  caller_.leave();
  signal_watch_.reset();
  try {
    sys::set_signal_mask(earlier_mask_);
  } catch (const Error&) {
    // A mask that the kernel gave is never refused.
  }
}

Attachment::End Attachment::stay() {
  if (terminal_ && CallerTerminal::exists()) caller_.enter();
  loop_.run();
  caller_.leave();
  return detached_ ? End::detached : End::streams_ended;
}

void Attachment::relay(UniqueFd from, int to, bool once) {
  ++outputs_;
  auto& stream = to == STDOUT_FILENO ? output_ : error_;
  stream.emplace(loop_, RelayEnd::of_own(from.get()), RelayEnd::of_output(to), [this](char) {
    if (--outputs_ == 0) loop_.stop();
    return std::string{};
  });
  // Whoever came once, for the container's whole life, stays with it though nobody reads.
  if (once) return;
  stream->set_sink_lost(
      [to](int error_number) { sys::fail(error_number, fmt::format("write {}", to)); });
}

void Attachment::relay_input(UniqueFd to) {
  input_.emplace(
      loop_, RelayEnd::of_shared(STDIN_FILENO, O_RDONLY), RelayEnd::of_own(to.get()), [this](char) {
        // The end of ours: the shim sees it when the last of our ends is closed.
        input_ended_ = loop_.after(std::chrono::milliseconds{0}, [this] { input_.reset(); });
        return std::string{};
      });
  if (terminal_ && CallerTerminal::exists()) {
    input_->set_filter([this](std::string_view typed) {
      const std::string_view passed = keys_.pass(typed);
      if (keys_.complete()) {
        detached_ = true;
        loop_.stop();
      }
      return passed;
    });
  }
}

void Attachment::receive_signals() {
  while (const auto signal = sys::next_signal(signals_.get())) {
    try {
      if (*signal == SIGWINCH) {
        resize();
      } else {
        shim_.ask(request(process_, {{"operation", "kill"}, {"signal", *signal}}));
      }
    } catch (const Error& error) {
      log::debug(error.what());  // it may just have ended
    }
  }
}

void Attachment::resize() {
  const auto size = CallerTerminal::size();
  if (!terminal_ || !size || size->ws_col == 0 || size->ws_row == 0) return;
  shim_.ask(request(process_,
                    {{"operation", "resize"}, {"width", size->ws_col}, {"height", size->ws_row}}));
}

}  // namespace ocelot::cli
