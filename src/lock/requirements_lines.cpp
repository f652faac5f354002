#include "lock/requirements_lines.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::lock {
namespace {

void sort_unique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

void append_annotation(std::string& out, const std::vector<std::string>& parents) {
  if (parents.size() == 1) append(out, "    # via ", parents[0], "\n");
  if (parents.size() < 2) return;
  out += "    # via\n";
  for (const auto& parent : parents) append(out, "    #   ", parent, "\n");
}

}  // namespace

std::string requirements_lines(std::vector<PinnedLine> lines, std::string_view header, AnnotationStyle style,
                               const std::vector<std::string>& options) {
  std::string out;
  for (const auto line : split_lines(header)) append(out, "# ", line, "\n");
  for (const auto& option : options) append(out, option, "\n");
  if (!options.empty()) out += '\n';
  for (auto& line : lines) {
    out += line.requirement;
    if (!line.marker.empty()) append(out, " ; ", line.marker);
    sort_unique(line.hashes);
    for (const auto& hash : line.hashes) append(out, " \\\n    --hash=", hash);
    sort_unique(line.parents);
    if (style == AnnotationStyle::line && !line.parents.empty()) append(out, "  # via ", join(line.parents, ", "));
    out += '\n';
    if (style == AnnotationStyle::split) append_annotation(out, line.parents);
  }
  return out;
}

}  // namespace pkg::lock
