#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/log_records.hpp"
#include "runtime/cli/shim.hpp"

namespace ocelot::cli {
namespace {

constexpr std::chrono::milliseconds look_again{200};

// The file at `path`, also when it has been rotated meanwhile.
class LogFollower {
 public:
  explicit LogFollower(std::string path) : path_(std::move(path)), file_(open()) {}

  void print_new(LogRecords& records) {
    read_to_end(records);
    const auto named = sys::stat_if_exists(AT_FDCWD, path_);
    const struct stat held = sys::stat(file_.get());
    if (!named || (named->st_ino == held.st_ino && named->st_dev == held.st_dev)) return;
    read_to_end(records);  // what came just before it was renamed
    file_ = open();
    read_to_end(records);
  }

 private:
  UniqueFd open() const { return sys::open(AT_FDCWD, path_, O_RDONLY | O_NOFOLLOW); }

  void read_to_end(LogRecords& records) {
    std::array<char, 65536> buffer;
    while (const std::size_t count = sys::read_some(file_.get(), buffer)) {
      records.add({buffer.data(), count}, [](bool error, std::string_view text) {
        sys::write_all(error ? STDERR_FILENO : STDOUT_FILENO, text);
      });
    }
  }

  std::string path_;
  UniqueFd file_;
};

}  // namespace

int logs(const GlobalOptions& global, const Arguments& arguments) {
  Shim shim = Shim::needed(global, std::string(arguments.operands().front()));
  const auto answer = nlohmann::json::parse(shim.ask(R"({"operation":"logs"})").document);
  LogRecords records{answer.at("format") == "json" ? LogRecords::Format::json
                                                   : LogRecords::Format::cri};
  LogFollower file{answer.at("path")};
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
