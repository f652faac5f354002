#include "ops/solve/metadata_notes.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/text.h"

namespace pkg::ops {
namespace {

// "`lib` 3.0 and 2 others"
std::string releases_text(const pep::Name& name, const pep::Version& newest, std::size_t count) {
  std::string text = cat(quote(name.str()), " ", newest.to_string());
  if (count > 1) append(text, " and ", count - 1, count == 2 ? " other" : " others");
  return text;
}

}  // namespace

void MetadataNotes::add(const pep::DistFile& file, const resolver::MetadataAnswer& answer) {
  if (file.index.empty()) return;
  if (answer.metadata == nullptr) {
    constexpr std::string_view kIts = "its ";  // "its metadata is too large"; other reasons are not about metadata
    if (answer.reason.starts_with("its metadata "))
      unreadable_[file.project].try_emplace(file.version, cat("whose ", answer.reason.substr(kIts.size())));
    return;
  }
  const auto& broken = answer.metadata->broken_requirements;
  if (!broken.empty())
    unreadable_[file.project].try_emplace(file.version, cat("whose metadata is not understood: ", broken.front()));
  for (const auto& line : answer.metadata->mended) {
    auto& known = mended_[file.project][line.before];
    known.after = line.after;
    known.releases.insert(file.version);
  }
}

void MetadataNotes::clear() {
  mended_.clear();
  unreadable_.clear();
}

std::vector<std::string> MetadataNotes::mended() const {
  std::vector<std::string> lines;
  for (const auto& [name, lines_of_it] : mended_)
    for (const auto& [before, mended] : lines_of_it)
      lines.push_back(cat("read ", quote(before), " of ",
                          releases_text(name, *mended.releases.rbegin(), mended.releases.size()), " as ",
                          quote(mended.after)));
  return lines;
}

std::vector<std::string> MetadataNotes::ignored(const resolver::Resolution& resolution) const {
  std::vector<std::string> lines;
  for (const auto& [name, releases] : unreadable_) {
    const pep::Version* oldest = nullptr;  // that was chosen: several are in a lock for several environments
    for (const auto& pin : resolution.pins)
      if (pin.name == name && (oldest == nullptr || pin.version < *oldest)) oldest = &pin.version;
    const auto first = oldest == nullptr ? releases.begin() : releases.upper_bound(*oldest);
    const auto newer = static_cast<std::size_t>(std::distance(first, releases.end()));
    if (newer == 0) continue;
    const auto& [newest, reason] = *releases.rbegin();
    lines.push_back(cat("ignored ", releases_text(name, newest, newer), ", ", reason));
  }
  return lines;
}

}  // namespace pkg::ops
