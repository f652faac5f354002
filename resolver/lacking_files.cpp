#include "resolver/lacking_files.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pkg::resolver {

namespace {

class LackingFiles {
 public:
  LackingFiles(const Pin& pin, ForkWorld& world)
      : world_(world),
        space_(world.space()),
        // Whatever is selected: a diagram of all selections could be too large.
        wanted_(space_.both(world.everything(), world.guarded().hull(world.guarded(pin.marker)))) {
    for (const pep::DistFile& file : pin.files) files_.push_back(&file);
  }

  void look_at(const PlatformClass& platform) {
    const MarkerSet wanted = space_.both(wanted_, platform.environments);
    const MarkerSet missing = space_.without(wanted, covered_on(platform));
    if (missing == MarkerSpace::kNone) return;
    std::string name = platform.name;
    if (missing != wanted) append(name, " with ", space_.marker(space_.simplify(missing, wanted)).to_string());
    names_.push_back(std::move(name));
  }

  std::vector<std::string> names() && { return std::move(names_); }

 private:
  MarkerSet covered_on(const PlatformClass& platform) {
    MarkerSet covered = MarkerSpace::kNone;
    for (const pep::DistFile* const file : files_) {
      if (file->kind == pep::DistKind::sdist) return platform.environments;
      WheelCoverage& coverage = world_.coverage();
      covered = space_.either(covered, coverage.of(coverage.tags_of(file->file_name), platform));
    }
    return covered;
  }

  ForkWorld& world_;
  MarkerSpace& space_;
  MarkerSet wanted_;
  std::vector<const pep::DistFile*> files_;
  std::vector<std::string> names_;
};

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    append(text, i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", quote(names[i]));
  return text;
}

}  // namespace

std::vector<std::string> platforms_without_file(const Pin& pin, PlatformChoice choice, ForkWorld& world) {
  LackingFiles lacking(pin, world);
  const auto& sought = world.coverage().platforms();
  const bool is_promised = choice == PlatformChoice::promised;
  const std::size_t count = is_promised ? world.universe().required.size() : sought.size();  // those come first
  for (std::size_t i = 0; i < count; ++i) lacking.look_at(sought[i]);
  if (is_promised)
    for (const PlatformClass& platform : world.coverage().environments()) lacking.look_at(platform);
  return std::move(lacking).names();
}

std::vector<std::string> lacking_file_warnings(const Resolution& resolution, ForkWorld& world) {
  std::vector<std::string> lines;
  if (world.universe().required.empty() && world.coverage().environments().empty()) return lines;
  for (const Pin& pin : resolution.pins) {
    if (pin.files.empty()) continue;
    const auto platforms = platforms_without_file(pin, PlatformChoice::promised, world);
    if (!platforms.empty())
      lines.push_back(cat(quote(pin.name.str()), " ", pin.version.to_string(), " has no file for ", listed(platforms),
                          ", and cannot be installed there"));
  }
  if (!lines.empty())
    lines.back() +=
        " (a platform tag such as `win_amd64` in `required-environments` takes releases that have one, or fails; "
        "narrower `environments`, or a marker on what asks for it, leave the platform out)";
  return lines;
}

}  // namespace pkg::resolver
