#pragma once
// Core metadata (METADATA, PKG-INFO), read leniently, as installers must (PEP 241 … 794; core-metadata spec).

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "pep/name.h"
#include "pep/requirement_list.h"
#include "pep/specifier.h"
#include "pep/version.h"

namespace pkg::pep {

// All header fields in order, as written, keys lower-case ("requires-dist"), and the description.
struct RawMetadata {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string description;
  // The first value of a field; nullptr when it is absent.
  const std::string* get(std::string_view key) const;
  std::vector<std::string_view> get_all(std::string_view key) const;
};
// bad_data: a header without a key.
Result<RawMetadata> parse_raw_metadata(std::string_view text);

// A line of old metadata that was mended to be understood (pep/old_metadata.h).
struct MendedLine {
  std::string before, after;  // values of Requires-Dist or Requires-Python
  bool operator==(const MendedLine&) const = default;
};

// What resolving and installing need.
struct Metadata {
  Name name;
  Version version;
  std::string name_text, version_text;  // as written
  RequirementList requires_dist;
  SpecifierSet requires_python;
  std::string requires_python_text;  // as written
  bool has_requires_python = false;  // false too when the text is no specifier: it then excludes nothing
  std::vector<Name> provides_extra;  // in order of appearance, without duplicates
  std::vector<Name> dynamic;         // lower-case field names, as Names for convenience
  std::string metadata_version;
  // Lines that could not be read (an unparsable Requires-Dist …), as messages. A requirement that is not understood
  // makes the version unusable for resolving: callers check `broken_requirements`.
  std::vector<std::string> broken_requirements;
  std::vector<MendedLine> mended;  // what was read otherwise than it is written, in order

  // Unknown major metadata versions are bad_data; a missing, repeated or invalid name or version too.
  // `pool`: where equal requirements of several metadata are shared; may be null.
  static Result<Metadata> parse(std::string_view text, RequirementPool* pool = nullptr);
  // The same without refusing anything: what is missing, repeated or not understood stays empty.
  static Metadata read_leniently(std::string_view text);
};

// The few header lines that resolving needs (Metadata-Version, Name, Version, Requires-Dist, Requires-Python,
// Provides-Extra, Dynamic), as text that Metadata::parse reads again: what the metadata cache keeps. Everything else (a
// long description above all) is left out. bad_data when there is neither a name nor a version.
Result<std::string> essential_metadata(std::string_view text);

// Whether a requirement depends on which wheel variant it is read from (PEP 825, draft).
bool mentions_variant(const Metadata& metadata);
// The requirements as they are in a wheel of this variant (null: it is none), no more of them about variants.
void settle_variant(const WheelVariant* variant, Metadata& metadata);

}  // namespace pkg::pep
