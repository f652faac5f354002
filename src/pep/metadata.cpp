#include "pep/metadata.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "pep/header_fields.h"
#include "pep/old_metadata.h"

namespace pkg::pep {
namespace {

enum class Field : std::uint8_t {
  metadata_version,
  name,
  version,
  requires_dist,
  requires_python,
  provides_extra,
  dynamic,
  other
};

constexpr std::array<std::string_view, 7> kFieldNames = {
    "Metadata-Version", "Name", "Version", "Requires-Dist", "Requires-Python", "Provides-Extra", "Dynamic"};

Field field_of(std::string_view key) {
  for (std::size_t i = 0; i < kFieldNames.size(); ++i) {
    const auto name = kFieldNames[i];
    if (name.size() == key.size() && (name == key || equals_ignoring_case(name, key))) return static_cast<Field>(i);
  }
  return Field::other;
}

// A field that may stand once: repeated, it says nothing.
class Single {
 public:
  void add(std::string_view value) {
    value_ = count_ == 0 ? value : std::string_view();
    ++count_;
  }
  std::string_view value() const { return value_; }
  int count() const { return count_; }

 private:
  std::string_view value_;
  int count_ = 0;
};

struct Singles {
  Single metadata_version, name, version, requires_python;
};

void add_unique(std::vector<Name>& names, std::string_view text) {
  Name name = Name::from_normalized(normalize_name(text));
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

Result<SharedRequirement> parse_requirement(std::string_view text, RequirementPool* pool) {
  if (pool != nullptr) return pool->parse(text);
  PKG_TRY_ASSIGN(auto parsed, Requirement::parse(text));
  return std::make_shared<const Requirement>(std::move(parsed));
}

// As it would be without the slips that old metadata has; nullptr: that helps nothing.
SharedRequirement parse_mended(std::string_view text, RequirementPool* pool, Metadata& metadata) {
  auto mended = mended_requirement(text);
  if (!mended) return nullptr;
  auto requirement = parse_requirement(*mended, pool);
  if (!requirement) return nullptr;
  metadata.mended.push_back({std::string(text), std::move(*mended)});
  return std::move(requirement).value();
}

void add_requirement(Metadata& metadata, std::string_view text, RequirementPool* pool) {
  auto requirement = parse_requirement(text, pool);
  if (requirement.ok()) {
    metadata.requires_dist.push_back(std::move(requirement).value());
  } else if (auto mended = parse_mended(text, pool, metadata)) {
    metadata.requires_dist.push_back(std::move(mended));
  } else {
    const auto& why = requirement.error().message;
    const bool names_it = why.starts_with(quote(text));
    metadata.broken_requirements.push_back(names_it ? why : cat(quote(text), ": ", why));
  }
}

void take_requires_python(Metadata& metadata) {
  const auto& text = metadata.requires_python_text;
  if (text.empty()) return;
  auto specifiers = SpecifierSet::try_parse(text);
  if (!specifiers) {
    specifiers = read_requires_python(text);
    if (specifiers) metadata.mended.push_back({text, specifiers->to_string()});
  }
  metadata.has_requires_python = specifiers.has_value();
  if (specifiers) metadata.requires_python = std::move(*specifiers);
}

// Whether the version is one.
bool take_singles(Metadata& metadata, const Singles& singles) {
  metadata.metadata_version = singles.metadata_version.value();
  metadata.name_text = singles.name.value();
  metadata.version_text = singles.version.value();
  metadata.requires_python_text = singles.requires_python.value();
  if (is_valid_name(metadata.name_text)) metadata.name = Name::from_normalized(normalize_name(metadata.name_text));
  auto version = Version::try_parse(metadata.version_text);
  const bool has_version = version.has_value();
  if (has_version) metadata.version = *std::move(version);
  take_requires_python(metadata);
  return has_version;
}

struct Reading {
  Metadata metadata;
  Singles singles;
  bool has_version = false;
};

Reading read(std::string_view text, RequirementPool* pool) {
  Reading reading;
  Metadata& metadata = reading.metadata;
  Singles& singles = reading.singles;
  HeaderReader reader(text);
  while (const auto field = reader.next()) {
    switch (field_of(field->key)) {
      case Field::metadata_version:
        singles.metadata_version.add(field->value);
        break;
      case Field::name:
        singles.name.add(field->value);
        break;
      case Field::version:
        singles.version.add(field->value);
        break;
      case Field::requires_python:
        singles.requires_python.add(field->value);
        break;
      case Field::requires_dist:
        add_requirement(metadata, field->value, pool);
        break;
      case Field::provides_extra:
        add_unique(metadata.provides_extra, field->value);
        break;
      case Field::dynamic:
        metadata.dynamic.push_back(Name::from_normalized(to_ascii_lower(trim(field->value))));
        break;
      case Field::other:
        break;
    }
  }
  reading.has_version = take_singles(metadata, singles);
  return reading;
}

Status check_metadata_version(std::string_view text) {
  const auto version = trim(text);
  const auto major = parse_u64(version.substr(0, version.find('.')));
  if (version.empty() || (major && (*major == 1 || *major == 2))) return ok_status();
  return make_error(ErrorKind::bad_data,
                    cat("metadata version ", quote(version), " is not known, expected 1.x or 2.x"));
}

Error bad_single(std::string_view field, const Single& single, std::string_view expected) {
  const auto error = [&](std::string_view why) {
    return make_error(ErrorKind::bad_data, cat("the metadata field ", quote(field), " ", why));
  };
  if (single.count() == 0) return error("is missing");
  if (single.count() > 1) return error("is given more than once");
  return error(cat("is ", quote(single.value()), ", expected ", expected));
}

}  // namespace

const std::string* RawMetadata::get(std::string_view key) const {
  for (const auto& [name, value] : fields) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::vector<std::string_view> RawMetadata::get_all(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : fields) {
    if (name == key) values.push_back(value);
  }
  return values;
}

Result<RawMetadata> parse_raw_metadata(std::string_view text) {
  RawMetadata raw;
  HeaderReader reader(text);
  while (const auto field = reader.next())
    raw.fields.emplace_back(to_ascii_lower(field->key), std::string(field->value));
  raw.description = reader.body();
  return raw;
}

Metadata Metadata::read_leniently(std::string_view text) { return read(text, nullptr).metadata; }

Result<Metadata> Metadata::parse(std::string_view text, RequirementPool* pool) {
  Reading reading = read(text, pool);
  Metadata& metadata = reading.metadata;
  const Singles& singles = reading.singles;
  PKG_TRY(check_metadata_version(metadata.metadata_version));
  if (metadata.name.empty()) return bad_single("Name", singles.name, "a project name");
  if (!reading.has_version) return bad_single("Version", singles.version, "a version");
  return std::move(metadata);
}

Result<std::string> essential_metadata(std::string_view text) {
  std::string out;
  bool has_name_or_version = false;
  HeaderReader reader(text);
  while (const auto field = reader.next()) {
    const Field kind = field_of(field->key);
    if (kind == Field::other) continue;
    has_name_or_version |= kind == Field::name || kind == Field::version;
    append(out, kFieldNames[static_cast<std::size_t>(kind)], ": ", field->value, '\n');
  }
  if (!has_name_or_version)
    return make_error(ErrorKind::bad_data, "this is no core metadata: neither `Name` nor `Version` is there");
  return out;
}

bool mentions_variant(const Metadata& metadata) {
  return std::any_of(metadata.requires_dist.begin(), metadata.requires_dist.end(),
                     [](const Requirement& one) { return one.marker.mentions_variant(); });
}

void settle_variant(const WheelVariant* variant, Metadata& metadata) {
  RequirementList settled;
  for (const Requirement& one : metadata.requires_dist) {
    auto marker = one.marker.for_variant(variant);
    if (!marker) continue;
    Requirement requirement = one;
    requirement.marker = *std::move(marker);
    settled.push_back(std::move(requirement));
  }
  metadata.requires_dist = std::move(settled);
}

}  // namespace pkg::pep
