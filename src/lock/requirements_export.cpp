#include "lock/requirements_export.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.h"

namespace pkg::lock {
namespace {

std::string pin_line(const resolver::Pin& pin) {
  if (pin.direct && !pin.files.empty()) return cat(pin.name.str(), " @ ", pin.best_file().url);
  return cat(pin.name.str(), "==", pin.version.to_string());
}

std::vector<std::string> hashes_of(const resolver::Pin& pin) {
  std::set<std::string> hashes;
  for (const auto& file : pin.files) {
    if (const auto* sha256 = file.sha256()) hashes.insert(cat("sha256:", sha256->hex));
  }
  return {hashes.begin(), hashes.end()};
}

// Who asked for it: other pins by name, requirements of the root by the place they stand in.
std::vector<std::string> parents_of(const resolver::Resolution& resolution, const resolver::Pin& pin) {
  std::set<std::string> parents;
  for (const auto& edge : pin.required_by) {
    if (edge.parent >= 0) {
      parents.insert(resolution.pins[static_cast<std::size_t>(edge.parent)].name.str());
    } else if (!edge.requirement.origin.file.empty()) {
      parents.insert(cat("-r ", edge.requirement.origin.file));
    }
  }
  return {parents.begin(), parents.end()};
}

void append_annotation(std::string& out, const std::vector<std::string>& parents) {
  if (parents.size() == 1) append(out, "    # via ", parents[0], "\n");
  if (parents.size() < 2) return;
  out += "    # via\n";
  for (const auto& parent : parents) append(out, "    #   ", parent, "\n");
}

}  // namespace

std::string requirements_text(const resolver::Resolution& resolution, const RequirementsExportOptions& options) {
  std::string out;
  for (const auto line : split_lines(options.header)) append(out, "# ", line, "\n");
  for (const auto& pin : resolution.pins) {
    out += pin_line(pin);
    if (!pin.marker.is_trivial()) append(out, " ; ", pin.marker.to_string());
    if (options.hashes) {
      for (const auto& hash : hashes_of(pin)) append(out, " \\\n    --hash=", hash);
    }
    out += '\n';
    if (options.annotate) append_annotation(out, parents_of(resolution, pin));
  }
  return out;
}

}  // namespace pkg::lock
