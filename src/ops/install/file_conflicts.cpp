#include "ops/install/file_conflicts.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kMostTold = 8;

std::string counted(std::uint64_t count, std::string_view one) { return cat(count, ' ', one, count == 1 ? "" : "s"); }

// "requested", "needed by `x`", or "installed before".
std::string who_asked(const std::string& name, std::span<const resolver::Pin> pins,
                      const std::set<pep::Name>& requested) {
  const auto is_it = [&](const resolver::Pin& pin) { return pin.name.str() == name; };
  if (requested.contains(pep::Name::from_normalized(name))) return "requested";
  const auto pin = std::ranges::find_if(pins, is_it);
  if (pin == pins.end()) return "installed before";
  const auto here = static_cast<int>(pin - pins.begin());
  for (const auto& edge : pin->required_by) {
    if (edge.parent < 0) return "requested";
    if (static_cast<std::size_t>(edge.parent) < pins.size())
      return cat("needed by ", quote(pins[static_cast<std::size_t>(edge.parent)].name.str()));
  }
  for (const auto& other : pins)
    if (std::ranges::find(other.dependencies, here) != other.dependencies.end())
      return cat("needed by ", quote(other.name.str()));
  return "locked";
}

}  // namespace

std::vector<std::string> conflict_warnings(std::span<const venv::FileConflict> conflicts,
                                           std::span<const resolver::Pin> pins, const std::set<pep::Name>& requested) {
  std::vector<std::string> warnings;
  const auto title = [&](const venv::DistTitle& dist) {
    return cat(quote(dist.name), ' ', dist.version, " (", who_asked(dist.name, pins, requested), ')');
  };
  for (const auto& conflict : conflicts) {
    if (warnings.size() == kMostTold) {
      warnings.push_back(cat(counted(conflicts.size() - kMostTold, "more pair"),
                             " of distributions ship the same paths with different content"));
      break;
    }
    const bool is_one = conflict.paths == 1;
    warnings.push_back(cat(title(conflict.loser), " and ", title(conflict.winner), " ship ",
                           counted(conflict.paths, "path"), " with different content, ", is_one ? "" : "for example ",
                           quote(conflict.example), ": ", is_one ? "that of " : "those of ",
                           quote(conflict.winner.name), is_one ? " is in place" : " are in place"));
  }
  return warnings;
}

void tell_of_comebacks(const venv::ChangeReport& report, Reporter& reporter) {
  for (const auto& [dist, files] : report.brought_back)
    reporter.note(cat(counted(files, "file"), " of ", quote(dist.name), ' ', dist.version, files == 1 ? " is" : " are",
                      " in place again"));
}

}  // namespace pkg::ops
