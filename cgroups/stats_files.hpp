#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/cgroup.hpp"
#include "cgroups/stats.hpp"

// The forms that the kernel gives its counters in. What does not fit the form is passed over: a
// newer kernel may add words.
namespace ocelot::cgroups {

// A file of one number; "max" is the largest. 0 when there is none.
std::uint64_t one_number(std::string_view text);
std::vector<std::uint64_t> numbers(std::string_view text);
// "key 1\nother 2\n".
std::map<std::string, std::uint64_t> flat_keyed(std::string_view text);
// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull ..."; nullopt when it says neither.
std::optional<Pressure> pressure(std::string_view text);
// A blkio file of v1: "8:0 Read 12", "8:0 12", and a Total of all devices, which is left out.
IoEntries blkio(std::string_view text);
// io.stat of v2: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6".
void add_io_stat(std::string_view text, IoStats& io);

// Reads `file` of `cgroup`, which may be null; an empty text where it is not there.
std::string text_of(const Cgroup* cgroup, const std::string& file);

// The page sizes of the hugetlb files that end in `suffix`.
std::vector<std::string> huge_page_sizes(const Cgroup& cgroup, std::string_view suffix);

}  // namespace ocelot::cgroups
