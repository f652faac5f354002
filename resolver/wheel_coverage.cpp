#include "resolver/wheel_coverage.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "resolver/wheel_tags.h"

namespace pkg::resolver {

using pep::MarkerVariable;

namespace {

constexpr int kOldestPython = 6;   // of CPython 3
constexpr int kNewestPython = 14;  // of CPython 3: files for later ones are not asked for

// "cp312" → 3, 12; "py3" → 3 and no minor.
struct InterpreterTag {
  std::string_view implementation;
  int major = 0;
  std::optional<std::uint64_t> minor;
};

std::optional<InterpreterTag> parse_interpreter(std::string_view tag) {
  const std::size_t digits = tag.find_first_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  InterpreterTag parsed{tag.substr(0, digits), tag[digits] - '0', std::nullopt};
  const std::string_view rest = tag.substr(digits + 1);
  if (rest.empty()) return parsed;
  parsed.minor = parse_u64(rest);
  return parsed.minor ? std::optional(parsed) : std::nullopt;
}

pep::SpecifierSet python_range(const std::string& text) {
  return pep::SpecifierSet::try_parse(text).value_or(pep::SpecifierSet());
}

bool names_platform(const pep::Marker& marker) {
  constexpr MarkerVariable kOfPlatforms[] = {MarkerVariable::sys_platform, MarkerVariable::os_name,
                                             MarkerVariable::platform_system, MarkerVariable::platform_machine};
  return std::ranges::any_of(marker.nodes(), [&](const pep::MarkerNode& node) {
    return node.kind == pep::MarkerNode::Kind::atom &&
           std::ranges::find(kOfPlatforms, node.atom.variable) != std::end(kOfPlatforms);
  });
}

// "manylinux_2_17_x86_64" → "x86_64".
std::string_view machine_of(std::string_view platform) {
  constexpr std::string_view kMachines[] = {"x86_64", "aarch64",    "i686",  "ppc64le", "s390x",
                                            "armv7l", "riscv64",    "ppc64", "armv6l",  "loongarch64",
                                            "arm64",  "universal2", "intel", "i386"};
  for (const std::string_view machine : kMachines)
    if (platform.ends_with(machine)) return machine;
  return {};
}

}  // namespace

WheelCoverage::WheelCoverage(MarkerSpace& space, const Universe& universe)
    : space_(space), machines_(space.known_platforms()) {
  MarkerSet any = MarkerSpace::kNone;
  for (const pep::Marker& marker : universe.environments) any = space_.either(any, space_.of(marker));
  if (!universe.environments.empty()) machines_ = space_.both(machines_, any);
  add_platforms_of(universe, false);
  add_platforms_of(universe, true);
  add_usual_platforms();
  add_environments_of(universe);
}

void WheelCoverage::add_platforms_of(const Universe& universe, bool wished) {
  for (const RequiredEnvironment& required : universe.required)
    if (required.wished == wished) add_platform(required.name, space_.of(required.marker), required.platforms, !wished);
}

PlatformClass WheelCoverage::make_platform(std::string name, MarkerSet region) {
  const MarkerSet pythons = space_.both(space_.of_python(python_range(cat("<3.", kNewestPython + 1))),
                                        text(MarkerVariable::implementation_name, "cpython"));
  PlatformClass platform{.name = std::move(name), .region = region, .environments = space_.both(region, pythons)};
  platform.number = platforms_.size() + environments_.size();
  return platform;
}

void WheelCoverage::add_platform(std::string name, MarkerSet region, std::vector<std::string> tags, bool required) {
  auto platform = make_platform(std::move(name), region);
  platform.platforms = std::move(tags);
  platform.required = required;
  platforms_.push_back(std::move(platform));
}

void WheelCoverage::add_environments_of(const Universe& universe) {
  for (const pep::Marker& marker : universe.environments)
    if (names_platform(marker)) environments_.push_back(make_platform(marker.to_string(), space_.of(marker)));
}

MarkerSet WheelCoverage::text(MarkerVariable variable, std::string_view value) {
  pep::MarkerNode node;
  node.atom = {.variable = variable, .literal = std::string(value)};
  return space_.of(pep::Marker::from_nodes({std::move(node)}));
}

void WheelCoverage::add_usual_platforms() {
  struct Usual {
    const char *name, *sys_platform, *machine;
    pep::WheelSystem wheels;
  };
  constexpr Usual kUsual[] = {{"Linux on x86_64", "linux", "x86_64", pep::kLinuxWheel},
                              {"Linux on aarch64", "linux", "aarch64", pep::kLinuxWheel},
                              {"macOS on arm64", "darwin", "arm64", pep::kMacWheel},
                              {"macOS on x86_64", "darwin", "x86_64", pep::kMacWheel},
                              {"Windows on AMD64", "win32", "AMD64", pep::kWindowsX86Wheel},
                              {"Windows on ARM64", "win32", "ARM64", pep::kWindowsArmWheel}};
  for (const Usual& usual : kUsual) {
    add_platform(usual.name,
                 space_.both(text(MarkerVariable::sys_platform, usual.sys_platform),
                             text(MarkerVariable::platform_machine, usual.machine)),
                 {}, false);
    platforms_.back().systems = usual.wheels | pep::kAnySystem;
  }
}

bool WheelCoverage::is_for_another_system(std::string_view wheel_name, const PlatformClass& platform) {
  const std::string_view tags = wheel_name.substr(last_dash(wheel_name) + 1);  // with ".whl"
  return tags.size() >= 4 && (pep::wheel_systems(tags.substr(0, tags.size() - 4)) & platform.systems) == 0;
}

MarkerSet WheelCoverage::of_python_tags(std::string_view interpreters, std::string_view abis) {
  const auto [known, is_new] = python_tags_.try_emplace(cat(interpreters, "-", abis), MarkerSpace::kNone);
  if (!is_new) return known->second;
  const bool is_stable = std::ranges::any_of(split(abis, '.'), [](std::string_view abi) { return abi == "abi3"; });
  const bool is_pure = std::ranges::any_of(split(abis, '.'), [](std::string_view abi) { return abi == "none"; });
  MarkerSet set = MarkerSpace::kNone;
  for (const std::string_view tag : split(interpreters, '.')) {
    const auto parsed = parse_interpreter(tag);
    if (!parsed) {
      set = MarkerSpace::kAll;
      continue;
    }
    const bool from_here = parsed->implementation == "py" || (parsed->implementation == "cp" && is_stable);
    const std::string bound = parsed->minor ? cat(parsed->major, ".", *parsed->minor) : cat(parsed->major);
    MarkerSet pythons =
        space_.of_python(python_range(from_here ? cat(">=", bound, ",<", parsed->major + 1) : cat("==", bound, ".*")));
    if (parsed->implementation == "cp" && !is_pure)
      pythons = space_.both(pythons, text(MarkerVariable::implementation_name, "cpython"));
    if (parsed->implementation == "pp")
      pythons = space_.both(pythons, text(MarkerVariable::implementation_name, "pypy"));
    set = space_.either(set, pythons);
  }
  known->second = set;
  return set;
}

MarkerSet WheelCoverage::of_platform_tags(std::string_view platforms) {
  const auto [known, is_new] = platform_tags_.try_emplace(std::string(platforms), MarkerSpace::kNone);
  if (!is_new) return known->second;
  MarkerSet set = MarkerSpace::kNone;
  const auto system = [&](const char* name) { return text(MarkerVariable::sys_platform, name); };
  const auto machine = [&](std::string_view name) { return text(MarkerVariable::platform_machine, name); };
  for (const std::string_view tag : split(platforms, '.')) {
    MarkerSet one = MarkerSpace::kAll;
    const std::string_view arch = machine_of(tag);
    const pep::WheelSystems systems = pep::wheel_systems(tag);
    if (systems == pep::kLinuxWheel) {
      one = system("linux");
      if (!arch.empty() && arch != "i686") one = space_.both(one, machine(arch));
    } else if (systems == pep::kMacWheel) {
      one = system("darwin");
      if (arch == "universal2" || arch == "intel") {
        const MarkerSet intel = machine("x86_64");
        one = space_.both(one, arch == "intel" ? intel : space_.either(intel, machine("arm64")));
      } else if (!arch.empty()) {
        one = space_.both(one, machine(arch));
      }
    } else if (systems != pep::kAnySystem) {  // Windows
      one = system("win32");
      if (tag == "win_amd64") one = space_.both(one, machine("AMD64"));
      if (tag == "win_arm64") one = space_.both(one, machine("ARM64"));
      if (tag == "win32") one = space_.without(one, space_.either(machine("AMD64"), machine("ARM64")));
    } else if (tag.starts_with("ios")) {
      one = system("ios");
    } else if (tag.starts_with("android")) {
      one = system("android");
    } else if (tag.starts_with("pyodide") || tag.starts_with("emscripten") || tag.starts_with("pyemscripten")) {
      one = system("emscripten");
    }
    set = space_.either(set, one);
  }
  known->second = set;
  return set;
}

MarkerSet WheelCoverage::of(const pep::DistFile& file) {
  if (file.kind == pep::DistKind::sdist) return MarkerSpace::kAll;
  const auto [known, is_new] = files_.try_emplace(&file, MarkerSpace::kNone);
  if (!is_new) return known->second;
  const auto tags = wheel_tags(file.file_name);
  if (tags)
    known->second = space_.both(of_python_tags(tags->interpreters, tags->abis), of_platform_tags(tags->platforms));
  return known->second;
}

std::uint32_t WheelCoverage::tags_of(std::string_view wheel_name) {
  const std::size_t dash =
      std::min(wheel_name.find('-', wheel_name.find('-') + 1), wheel_name.size());  // after "name-version"
  if (const auto known = tags_.find(wheel_name.substr(dash)); known != tags_.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(tagged_.size());
  tagged_.push_back({std::string(wheel_name), {}});
  tags_.emplace(std::string_view(tagged_.back().wheel_name).substr(dash), number);
  return number;
}

MarkerSet WheelCoverage::of(std::uint32_t tags, const PlatformClass& platform) {
  auto& of_tags = tagged_[tags].of_platforms;
  if (of_tags.empty()) of_tags.resize(platforms_.size() + environments_.size());
  auto& known = of_tags[platform.number];
  if (!known) known = of_name(tagged_[tags].wheel_name, platform);
  return *known;
}

// Of a platform that a marker describes, one machine is enough: `sys_platform == "win32"` does not ask for every
// Windows there is.
bool WheelCoverage::is_for(std::string_view platform_tags, const PlatformClass& platform) {
  if (platform.platforms.empty())
    return !platform_tags.starts_with("musllinux") &&
           !space_.disjoint(space_.both(platform.region, machines_), of_platform_tags(platform_tags));
  return std::ranges::any_of(split(platform_tags, '.'), [&](std::string_view tag) {
    return tag == "any" || std::ranges::find(platform.platforms, tag) != platform.platforms.end();
  });
}

MarkerSet WheelCoverage::of_name(std::string_view wheel_name, const PlatformClass& platform) {
  const auto tags = wheel_tags(wheel_name);
  if (!tags || tags->abis.ends_with('t') || !is_for(tags->platforms, platform)) return MarkerSpace::kNone;
  return space_.both(platform.environments, of_python_tags(tags->interpreters, tags->abis));
}

MarkerSet WheelCoverage::of(std::span<const pep::DistFile* const> files, const PlatformClass& platform) {
  if (files.empty()) return MarkerSpace::kNone;
  const auto [known, is_new] =
      releases_.try_emplace({files.front(), files.back(), files.size(), &platform}, MarkerSpace::kNone);
  if (!is_new) return known->second;
  MarkerSet& covered = known->second;
  for (const pep::DistFile* const file : files) {
    if (file->kind == pep::DistKind::sdist) return covered = platform.environments;
    covered = space_.either(covered, of(tags_of(file->file_name), platform));
    if (covered == platform.environments) break;
  }
  return covered;
}

std::vector<MarkerSet> WheelCoverage::by_python(MarkerSet set) {
  std::vector<MarkerSet> pieces;
  for (int minor = kNewestPython; minor >= kOldestPython; --minor) {
    const MarkerSet piece = space_.both(set, space_.of_python(python_range(cat("==3.", minor, ".*"))));
    if (piece != MarkerSpace::kNone) pieces.push_back(piece);
  }
  return pieces;
}

}  // namespace pkg::resolver
