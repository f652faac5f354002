#include "pep/version_bounds.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::pep {
namespace {

// The first release that differs from `version` in its first `parts` numbers, those after leading zeros counted.
std::string above(const Version& version, std::size_t parts) {
  auto release = version.release();
  const auto leading = static_cast<std::size_t>(std::ranges::find_if(release, [](auto number) { return number != 0; }) -
                                                release.begin());
  const auto last = std::min(leading, release.size() - 1) + parts - 1;
  release.resize(last + 1, 0);
  ++release[last];
  std::string text = version.epoch() == 0 ? std::string() : cat(version.epoch(), '!');
  for (std::size_t i = 0; i < release.size(); ++i) append(text, i == 0 ? "" : ".", release[i]);
  return text;
}

std::string bounds_text(const Version& version, Bounds bounds) {
  const auto text = version.without_local();
  switch (bounds) {
    case Bounds::exact:
      return cat("==", text);
    case Bounds::major:
      return cat(">=", text, ",<", above(version, 1));
    case Bounds::minor:
      return cat(">=", text, ",<", above(version, 2));
    case Bounds::lower:
      break;
  }
  return cat(">=", text);
}

}  // namespace

SpecifierSet bounds_of(const Version& version, Bounds bounds) {
  return SpecifierSet::try_parse(bounds_text(version, bounds)).value_or(SpecifierSet());
}

}  // namespace pkg::pep
