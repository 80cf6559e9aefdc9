#include "runtime/base/error.hpp"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <new>

namespace ocelot {
namespace {

// What is used up can be given, whatever was being done.
const char* what_to_give(int error_number) {
  switch (error_number) {
    case EMFILE:
      return "raise this process's limit of open files: ulimit -n";
    case ENFILE:
      return "the machine's open files are used up: see /proc/sys/fs/file-max";
    case ENOSPC:
      return "space or inodes of that file system are used up, or of namespaces what "
             "/proc/sys/user "
             "allows";
    case EDQUOT:
      return "this user's quota is used up";
    case ENOMEM:
      return "free memory, or raise the limit of the cgroup that the runtime is called in";
    default:
      return "";
  }
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& text, int error_number)
    : kind_(kind),
      error_number_(error_number),
      text_(ContextFrame::describe_all().append(text)),
      hint_(what_to_give(error_number)) {
  if (error_number_ != 0) text_.append(": ").append(std::strerror(error_number_));
  trace::failure(text_);
}

std::string reason(int error_number) {
  std::string text = std::strerror(error_number);
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

Error Error::with_hint(std::string hint) && {
  if (!hint.empty()) hint_ = std::move(hint);
  return std::move(*this);
}

Error Error::from(const std::exception& exception) {
  if (const auto* error = dynamic_cast<const Error*>(&exception)) return *error;
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr)
    return Error{ErrorKind::Failed, "memory", ENOMEM};
  return Error{ErrorKind::Failed, exception.what()};
}

Error Error::relayed(ErrorKind kind, int error_number, const std::string& text, std::string hint) {
  Error error;
  error.kind_ = kind;
  error.error_number_ = error_number;
  error.text_ = ContextFrame::describe_all().append(text);
  error.hint_ = std::move(hint);
  trace::failure(error.text_);
  return error;
}

std::string ContextFrame::describe_all() {
  std::string all;
  for (const ContextFrame* frame = innermost; frame != nullptr; frame = frame->outer_) {
    all.insert(0, frame->describe() + ": ");
  }
  return all;
}

}  // namespace ocelot
