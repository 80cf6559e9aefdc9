#include <unistd.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/log_records.hpp"
#include "runtime/cli/shim.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds look_again{200};

// The file that the shim writes now, by its descriptor: also when it has been rotated meanwhile,
// and for an operator who cannot open it.
class LogFollower {
 public:
  explicit LogFollower(Shim& shim) : shim_(shim) {
    auto answer = ask();
    file_ = std::move(answer.fds.front());
    format_ = json::parse(answer.document).at("format") == "json" ? LogRecords::Format::json
                                                                  : LogRecords::Format::cri;
  }

  LogRecords::Format format() const { return format_; }

  void print_new(LogRecords& records) {
    read_to_end(records);
    auto now = std::move(ask().fds.front());
    if (sys::same_file(sys::stat(now.get()), sys::stat(file_.get()))) return;
    read_to_end(records);  // what came just before it was renamed
    file_ = std::move(now);
    read_to_end(records);
  }

 private:
  control::Client::Answer ask() const {
    auto answer = shim_.ask(R"({"operation":"logs","open":true})");
    if (answer.fds.size() == 1) return answer;
    throw Error{ErrorKind::Failed,
                "the shim sent another number of descriptors than that of a log"};
  }

  void read_to_end(LogRecords& records) {
    std::array<char, 65536> buffer;
    while (const std::size_t count = sys::read_some(file_.get(), buffer)) {
      records.add({buffer.data(), count}, [](bool error, std::string_view text) {
        sys::write_all(error ? STDERR_FILENO : STDOUT_FILENO, text);
      });
    }
  }

  Shim& shim_;
  UniqueFd file_;
  LogRecords::Format format_ = LogRecords::Format::cri;
};

}  // namespace

int logs(const GlobalOptions& global, const Arguments& arguments) {
  Shim shim = Shim::needed(global, std::string(arguments.operands().front()));
  LogFollower file{shim};
  LogRecords records{file.format()};
  if (arguments.has(option::follow)) {
    const std::uint64_t ended = shim.client().send(R"({"operation":"wait"})");
    for (bool running = true; running;) {
      file.print_new(records);
      const auto come = shim.next(look_again);
      running = !come || come->id != ended;
    }
  }
  file.print_new(records);
  return 0;
}

}  // namespace ocelot::cli
