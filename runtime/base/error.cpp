#include "runtime/base/error.hpp"

#include <cerrno>
#include <cstring>
#include <new>

namespace ocelot {

Error::Error(ErrorKind kind, const std::string& text, int error_number)
    : kind_(kind), error_number_(error_number), text_(ContextFrame::describe_all().append(text)) {
  if (error_number_ != 0) text_.append(": ").append(std::strerror(error_number_));
}

Error Error::with_hint(std::string hint) && {
  hint_ = std::move(hint);
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
