#include "tests/support/refusal.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/leftovers.hpp"

namespace ocelot::test {
namespace {

std::string judge(const Runtime& runtime, const Leftovers& before, const Output& output,
                  const std::string& place) {
  BOOST_TEST(output.status == 1, "status " << output.status << " " << output.err);
  BOOST_TEST(!output.err.empty());
  if (!Runtime::is_reference())
    BOOST_TEST(contains(output.err, place), "'" << place << "' is not in: " << output.err);
  if (output.status == 0) runtime.del("refused", {"--force"});
  std::vector<std::string> left = before.since();
  // What a runtime keeps for all its containers is hidden; that is no leftover of this one.
  std::erase_if(left, [&](const std::string& item) {
    return item.starts_with("file " + runtime.root() + "/.");
  });
  BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
  return output.err;
}

}  // namespace

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string check_refused(Runtime& runtime, const Bundle& bundle, const std::string& place,
                          const std::vector<std::string>& flags) {
  const Leftovers before{{runtime.root()}};
  return judge(runtime, before, runtime.create(bundle, "refused", flags).created, place);
}

std::string check_refused(Runtime& runtime, const std::string& bundle_path,
                          const std::string& place) {
  const Leftovers before{{runtime.root()}};
  return judge(runtime, before, runtime.call({"create", "--bundle", bundle_path, "refused"}),
               place);
}

void check_error(const Output& output, const std::string& words) {
  BOOST_TEST(output.status == 1, "status " << output.status);
  BOOST_TEST(contains(output.err, words), "'" << words << "' is not in: " << output.err);
}

}  // namespace ocelot::test
