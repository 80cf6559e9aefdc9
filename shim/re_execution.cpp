#include "shim/re_execution.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "shim/handover_document.hpp"

namespace ocelot::shim {
namespace {

constexpr int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

UniqueFd new_document() {
  return sys::memfd("ocelot-handover", MFD_ALLOW_SEALING);
}

// As standard input of the program that is executed next.
void leave(int file, const std::string& document) {
  sys::write_all(file, document);
  sys::add_seals(file, seals);
  sys::seek(file, 0);
  sys::duplicate_to(file, STDIN_FILENO);
}

std::vector<std::string> words_for(int program, const GlobalOptions& global,
                                   const std::string& id) {
  // It has companions of its own, beside it, and its copy that protects it lies nowhere.
  std::vector<std::string> words{sys::read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", program)),
                                 "--root", global.root};
  if (global.debug) words.emplace_back("--debug");
  words.insert(words.end(), {"shim", "upgrade", id});
  return words;
}

}  // namespace

ReExecution::ReExecution(UniqueFd program)
    : program_(std::move(program)),
      document_(new_document()),
      previous_(sys::open(AT_FDCWD, "/proc/self/exe", O_RDONLY)) {}

void ReExecution::execute(const GlobalOptions& global, const std::string& id, Handover handover) {
  handover.previous = std::move(previous_);
  const std::string document = handover_document(handover);
  leave(document_.get(), document);
  std::vector<std::string> words = words_for(program_.get(), global, id);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const int error_number = sys::execute_fd(program_.get(), argv.data(), environ);
  const Error reason{ErrorKind::Failed, "execute the program that was sent", error_number};
  Inheritance{document}.give_back(argv.data(), reason.what());
  throw reason;
}

std::optional<Inheritance> Inheritance::take() {
  if ((sys::seals(STDIN_FILENO) & seals) != seals) return std::nullopt;
  sys::seek(STDIN_FILENO, 0);
  Inheritance inheritance{sys::read_all(STDIN_FILENO)};
  sys::use_null_device_as(STDIN_FILENO);
  return inheritance;
}

Handover Inheritance::open() const {
  return handover_from(document_);
}

void Inheritance::accept() {
  for (const int number : descriptors_of_handover(document_)) UniqueFd{number};
  document_.clear();
}

void Inheritance::give_back(char* const argv[], std::string_view reason) const {
  if (document_.empty()) return;
  const auto returned = returned_handover(document_, reason);
  if (!returned) return;
  leave(new_document().get(), returned->document);
  sys::execute_fd(returned->program, argv, environ);
}

}  // namespace ocelot::shim
