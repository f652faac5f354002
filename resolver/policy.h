#pragma once
// Choices that are not requirements: which versions may be taken and which is preferred. Data, with the defaults of
// docs/reference/commands.md.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/name.h"
#include "pep/variant.h"
#include "pep/version.h"

namespace pkg::resolver {

enum class Prereleases : std::uint8_t {
  if_necessary,  // when a requirement names one, or when no final release matches
  allow,
  disallow,
  explicit_only,  // only when a requirement of the root names one
};
std::optional<Prereleases> parse_prereleases(std::string_view word);  // as --prerelease has it
std::string_view word_for(Prereleases prereleases);
inline constexpr std::string_view kPrereleaseWords = "`if-necessary`, `allow`, `disallow`, `explicit`";

enum class Order : std::uint8_t { highest, lowest, lowest_direct };

// --only-binary / --no-binary as pip understands them: ":all:" or names.
struct FormatControl {
  bool no_binary_all = false, only_binary_all = false;
  std::set<pep::Name> no_binary, only_binary;
  bool wheels_allowed(const pep::Name& name) const;
  bool sdists_allowed(const pep::Name& name) const;
  bool operator==(const FormatControl&) const = default;
};

// Which wheel variants may be taken (PEP 825, draft).
struct VariantRules {
  bool none = false;             // no wheel with a label
  pep::VariantProperties named;  // that the machine has, best first; of namespaces that are not here it is found out
  bool operator==(const VariantRules&) const = default;
};
// `none`, or a property, is added. bad_data: neither · usage: both.
Status add_variant_rule(std::string_view text, VariantRules& rules);

struct Policy {
  Prereleases prereleases = Prereleases::if_necessary;
  std::map<pep::Name, Prereleases> prereleases_of;
  Order order = Order::highest;
  FormatControl format;
  VariantRules variants;
  bool prefer_binary = false;
  std::optional<std::int64_t> exclude_newer;  // unix seconds: files uploaded at or after this are not seen
  std::map<pep::Name, std::optional<std::int64_t>> exclude_newer_of;
  std::map<std::string, std::optional<std::int64_t>> exclude_newer_of_index;  // by DistFile::index; a project's own
                                                                              // goes before
  bool ignore_requires_python = false;
  bool strict_requires_python = true;  // single target: upper bounds count, as in pip
  bool no_deps = false;
  // Only files with one of these hashes; a project without an entry may have any. `require_hashes`: then the resolution
  // is no good; the caller looks.
  std::map<pep::Name, std::vector<pep::FileHash>> hashes;
  bool require_hashes = false;
  std::uint64_t most_rounds = 1'000'000;  // decisions and conflicts; then it is given up (resolver/rounds.h)

  bool has_cut_off() const { return exclude_newer || !exclude_newer_of.empty() || !exclude_newer_of_index.empty(); }
  // Which of them counts for a file of an index. None for what nobody uploaded: files and folders of this machine, what
  // is installed. What a URL names is not asked about.
  std::optional<std::int64_t> cut_off_of(const pep::DistFile& file) const;
  // Whether the file is too new; one whose time of upload is not known is.
  bool is_cut_off(const pep::DistFile& file) const;
  bool operator==(const Policy&) const = default;
};

}  // namespace pkg::resolver
