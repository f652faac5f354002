#include "pep/filename.h"

#include <array>

#include "base/text.h"
#include "pep/variant.h"

namespace pkg::pep {
namespace {

constexpr std::string_view kWheelSuffix = ".whl", kVariantsSuffix = "-variants.json";

Error not_a_wheel(std::string_view file_name, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat(quote(file_name), " is not a wheel file name: ", why));
}

Error not_an_sdist(std::string_view file_name, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat(quote(file_name), " is not an sdist file name: ", why));
}

bool has_path_or_control_characters(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\') return true;
  }
  return false;
}

// No piece of a '.'-separated set may be empty; interpreters are identifiers besides.
bool is_tag_part(std::string_view set, bool identifiers) {
  bool piece_is_empty = true;
  for (const char c : set) {
    if (c == '.') {
      if (piece_is_empty) return false;
      piece_is_empty = true;
      continue;
    }
    if (identifiers && !(is_ascii_alpha(c) || c == '_' || (is_ascii_digit(c) && !piece_is_empty))) return false;
    piece_is_empty = false;
  }
  return !piece_is_empty;
}

// "1000abc": digits, then anything.
std::optional<BuildTag> parse_build(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_ascii_digit(text[digits])) ++digits;
  const auto number = parse_u64(text.substr(0, digits));
  if (digits == 0 || !number) return std::nullopt;
  return BuildTag{number, std::string(text.substr(digits))};
}

// "name-version" without the file suffix; nullopt when `file_name` is no .tar.gz or .zip.
std::optional<std::string_view> sdist_stem(std::string_view file_name) {
  for (const std::string_view suffix : {std::string_view(".tar.gz"), std::string_view(".zip")}) {
    if (file_name.ends_with(suffix)) return file_name.substr(0, file_name.size() - suffix.size());
  }
  return std::nullopt;
}

// Old names such as "foo-1.0-rc1" split at more than one place: the first split that gives `expected` and a version.
std::optional<SdistName> split_for(std::string_view stem, const Name& expected) {
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos; dash = stem.find('-', dash + 1)) {
    if (normalize_name(stem.substr(0, dash)) != expected.str()) continue;
    if (auto version = Version::try_parse(stem.substr(dash + 1))) return SdistName{expected, *std::move(version)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<WheelNameParts> split_wheel_name(std::string_view file_name) {
  if (!file_name.ends_with(kWheelSuffix)) return std::nullopt;
  std::string_view stem = file_name.substr(0, file_name.size() - kWheelSuffix.size());
  std::array<std::string_view, 7> pieces;
  std::size_t count = 0;
  while (true) {
    if (count == pieces.size()) return std::nullopt;
    const auto dash = stem.find('-');
    pieces[count++] = stem.substr(0, dash);
    if (dash == std::string_view::npos) break;
    stem.remove_prefix(dash + 1);
  }
  if (count == 5) return WheelNameParts{pieces[0], pieces[1], {}, pieces[2], pieces[3], pieces[4], {}};
  if (count < 6 || pieces[2].empty()) return std::nullopt;
  if (count == 7) return WheelNameParts{pieces[0], pieces[1], pieces[2], pieces[3], pieces[4], pieces[5], pieces[6]};
  // No platform is called "none": that is a build tag that is none.
  if (is_ascii_digit(pieces[2].front()) || pieces[4] == "none")
    return WheelNameParts{pieces[0], pieces[1], pieces[2], pieces[3], pieces[4], pieces[5], {}};
  return WheelNameParts{pieces[0], pieces[1], {}, pieces[2], pieces[3], pieces[4], pieces[5]};
}

Result<WheelName> WheelName::parse(std::string_view file_name) {
  const auto parts = split_wheel_name(file_name);
  if (!parts) return not_a_wheel(file_name, "expected `name-version[-build]-python-abi-platform[-label].whl`");
  if (has_path_or_control_characters(file_name))
    return not_a_wheel(file_name, "it contains a path separator or a control character");
  // "__" would be two dashes of the name in one: wheel names are escaped by runs.
  if (parts->name.find("__") != std::string_view::npos || !is_valid_name(parts->name))
    return not_a_wheel(file_name, cat(quote(parts->name), " is not a project name"));
  auto version = Version::try_parse(parts->version);
  if (!version) return not_a_wheel(file_name, cat(quote(parts->version), " is not a version"));
  WheelName wheel;
  if (!parts->build.empty()) {
    auto build = parse_build(parts->build);
    if (!build)
      return not_a_wheel(file_name, cat("the build tag ", quote(parts->build), " does not begin with a number"));
    wheel.build = *std::move(build);
  }
  if (parts->label.data() != nullptr && !is_variant_value(parts->label))
    return not_a_wheel(file_name,
                       cat("its variant label ", quote(parts->label), " is not made of a-z, 0-9, `_` and `.`"));
  if (!is_tag_part(parts->interpreters, true) || !is_tag_part(parts->abis, false) ||
      !is_tag_part(parts->platforms, false))
    return not_a_wheel(file_name, "its compatibility tags are malformed");
  wheel.name = Name::from_normalized(normalize_name(parts->name));
  wheel.version = *std::move(version);
  wheel.interpreters = to_ascii_lower(parts->interpreters);
  wheel.abis = to_ascii_lower(parts->abis);
  wheel.platforms = to_ascii_lower(parts->platforms);
  wheel.label = parts->label;
  return wheel;
}

std::optional<VariantsJsonName> VariantsJsonName::parse(std::string_view file_name) {
  if (!file_name.ends_with(kVariantsSuffix) || has_path_or_control_characters(file_name)) return std::nullopt;
  const auto stem = file_name.substr(0, file_name.size() - kVariantsSuffix.size());
  const auto dash = stem.find('-');
  const auto text = dash == std::string_view::npos ? std::string_view() : stem.substr(dash + 1);
  if (text.find('-') != std::string_view::npos || !is_valid_name(stem.substr(0, dash))) return std::nullopt;
  auto version = Version::try_parse(text);
  if (!version) return std::nullopt;
  return VariantsJsonName{Name::from_normalized(normalize_name(stem.substr(0, dash))), *std::move(version)};
}

Result<SdistName> SdistName::parse(std::string_view file_name, const Name* expected) {
  const auto stem = sdist_stem(file_name);
  if (!stem) return not_an_sdist(file_name, "expected `name-version.tar.gz` or `.zip`");
  if (has_path_or_control_characters(file_name))
    return not_an_sdist(file_name, "it contains a path separator or a control character");
  if (expected != nullptr) {
    if (auto found = split_for(*stem, *expected)) return *std::move(found);
  }
  const auto dash = stem->rfind('-');
  if (dash == std::string_view::npos) return not_an_sdist(file_name, "there is no `-` between name and version");
  const auto name = stem->substr(0, dash);
  if (!is_valid_name(name)) return not_an_sdist(file_name, cat(quote(name), " is not a project name"));
  auto version = Version::try_parse(stem->substr(dash + 1));
  if (!version) return not_an_sdist(file_name, cat(quote(stem->substr(dash + 1)), " is not a version"));
  return SdistName{Name::from_normalized(normalize_name(name)), *std::move(version)};
}

}  // namespace pkg::pep
