#include "runtime/plan/intel_rdt.hpp"

#include <map>

#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

// The L3 lines before the MB line before the rest, as one write. memBwSchema replaces what
// l3CacheSchema says of memory bandwidth.
std::string schemata_of(const oci::IntelRdt& rdt) {
  std::string text;
  const auto add = [&](std::string_view line) {
    if (!trim(line).empty()) text.append(trim(line)).append("\n");
  };
  for (const std::string_view line : split(rdt.l3_cache_schema, '\n')) {
    if (rdt.mem_bw_schema.empty() || !trim(line).starts_with("MB:")) add(line);
  }
  add(rdt.mem_bw_schema);
  for (const std::string& line : rdt.schemata) add(line);
  return text;
}

// "L3:0=f;1=00f" as {"L3", {{"0", "f"}, {"1", "f"}}}: the kernel pads with zeros and blanks.
struct Line {
  std::string_view resource;
  std::map<std::string_view, std::string_view> domains;
};

std::string_view without_zeros(std::string_view value) {
  const std::size_t at = value.find_first_not_of('0');
  if (at == std::string_view::npos) return value.empty() ? value : value.substr(value.size() - 1);
  return value.substr(at);
}

std::optional<Line> parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Line line{.resource = trim(text.substr(0, colon)), .domains = {}};
  for (const std::string_view part : split(text.substr(colon + 1), ';')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    line.domains[trim(part.substr(0, equals))] = without_zeros(trim(part.substr(equals + 1)));
  }
  return line;
}

bool same_value(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    if (lower(one[i]) != lower(other[i])) return false;
  }
  return true;
}

bool holds(const Line& actual, const Line& wanted) {
  if (actual.resource != wanted.resource) return false;
  for (const auto& [domain, value] : wanted.domains) {
    const auto found = actual.domains.find(domain);
    if (found == actual.domains.end() || !same_value(found->second, value)) return false;
  }
  return true;
}

bool some_line_holds(std::string_view actual, const Line& wanted) {
  for (const std::string_view text : split(actual, '\n')) {
    const auto line = parse(text);
    if (line && holds(*line, wanted)) return true;
  }
  return false;
}

}  // namespace

std::string IntelRdtPlan::group_path() const {
  return group.empty() ? root : root + "/" + group;
}

std::string IntelRdtPlan::monitor_path() const {
  return monitor.empty() ? "" : group_path() + "/mon_groups/" + monitor;
}

std::optional<IntelRdtPlan> plan_intel_rdt(const std::optional<oci::IntelRdt>& rdt,
                                           const std::string& id, const std::string& resctrl_root) {
  if (!rdt) return std::nullopt;
  IntelRdtPlan plan{.root = resctrl_root, .schemata = schemata_of(*rdt)};
  plan.named_by_caller = !rdt->clos_id.empty();
  if (rdt->clos_id != "/") plan.group = plan.named_by_caller ? rdt->clos_id : id;
  plan.group_must_exist = plan.named_by_caller && plan.schemata.empty();
  if (rdt->enable_monitoring) plan.monitor = id;
  return plan;
}

bool schemata_match(std::string_view actual, std::string_view wanted) {
  for (const std::string_view text : split(wanted, '\n')) {
    if (trim(text).empty()) continue;
    const auto line = parse(text);
    if (!line || !some_line_holds(actual, *line)) return false;
  }
  return true;
}

}  // namespace ocelot
