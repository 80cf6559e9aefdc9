#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace ocelot::cli {

// The records of an output log, back to what the process wrote.
class LogRecords {
 public:
  enum class Format { cri, json };
  // `error`: it went to standard error.
  using Sink = std::function<void(bool error, std::string_view text)>;

  explicit LogRecords(Format format) : format_(format) {}
  // Of the bytes of the file in their order; a record that is not complete waits for the rest. What
  // is no record is passed over.
  void add(std::string_view bytes, const Sink& sink);

 private:
  void take(std::string_view record, const Sink& sink) const;
  Format format_;
  std::string rest_;
};

}  // namespace ocelot::cli
