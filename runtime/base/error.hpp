#pragma once
#include <exception>
#include <string>
#include <utility>

#include "runtime/base/trace.hpp"

namespace ocelot {

// What some caller tells apart. Everything else about a failure is text for a person.
enum class ErrorKind {
  InvalidSpec,      // config.json asks for something that is wrong or cannot be had
  InvalidArgument,  // the command line is wrong
  NotFound,         // no such container
  AlreadyExists,    // the id is taken
  WrongState,       // the container is not in a state that allows the operation
  Unsupported,      // this kernel or host lacks what was asked for
  Failed,           // the kernel refused
};

// A failure: one line of text, outermost context first, strerror last, and perhaps what to try
// next.
//
// `error_number` is an errno or 0. The text is completed with the Context frames alive where the
// Error is made.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, const std::string& text, int error_number = 0);

  ErrorKind kind() const noexcept { return kind_; }
  int error_number() const noexcept { return error_number_; }
  const char* what() const noexcept override { return text_.c_str(); }
  const std::string& hint() const noexcept { return hint_; }

  // Adds a sentence for a person: what to try. `throw Error{...}.with_hint("...")`.
  Error with_hint(std::string hint) &&;

  // An Error as it is; of another exception what it says, in a sentence of ours.
  static Error from(const std::exception& exception);

  // An error told by another process, whose text already carries its contexts and strerror.
  static Error relayed(ErrorKind kind, int error_number, const std::string& text, std::string hint);

 private:
  Error() = default;

  ErrorKind kind_ = ErrorKind::Failed;
  int error_number_ = 0;
  std::string text_;
  std::string hint_;
};

// The text of an errno in small letters, as Go has it and runc prints it: of a program that cannot
// be executed Docker tells the reason by that text.
std::string reason(int error_number);

// One level of "what we were doing", told by every Error born while it is in scope.
class ContextFrame {
 public:
  ContextFrame(const ContextFrame&) = delete;
  ContextFrame& operator=(const ContextFrame&) = delete;

  // The live frames as a prefix: "outer: inner: ".
  static std::string describe_all();
  // In a new process: its errors do not repeat the frames of the process that made it.
  static void forget() noexcept { innermost = nullptr; }

 protected:
  ContextFrame() noexcept : outer_(std::exchange(innermost, this)) {}
  ~ContextFrame() { innermost = outer_; }
  virtual std::string describe() const = 0;

 private:
  ContextFrame* outer_;
  inline static ContextFrame* innermost = nullptr;
};

// `Context at{[&] { return fmt::format("mounts[{}]", i); }};`: costs two pointer writes unless
// something fails. It is a step of a trace, too; where the text says already that something failed,
// `name_step` gives the step its name.
template <typename Describe>
class Context final : ContextFrame {
 public:
  explicit Context(Describe describe) : describe_(std::move(describe)), span_(describe_) {}
  template <typename NameStep>
  Context(Describe describe, const NameStep& name_step)
      : describe_(std::move(describe)), span_(name_step) {}

 private:
  std::string describe() const override { return std::string(describe_()); }
  Describe describe_;
  trace::Span span_;
};

// A fixed text as a Describe: `Context at{text("session keyring")};`.
inline auto text(const char* words) {
  return [words] { return words; };
}

}  // namespace ocelot
