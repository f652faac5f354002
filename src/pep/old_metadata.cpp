#include "pep/old_metadata.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "pep/white_space.h"

namespace pkg::pep {
namespace {

// One specifier, cut out of its list.
struct Piece {
  std::string operators;  // one or more of <>=!~, as they stand there
  std::string version;
};

constexpr std::string_view kOperatorLetters = "<>=!~";

bool is_release(std::string_view text) {
  return !text.empty() && is_ascii_digit(text.front()) && is_ascii_digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_digit(c) || c == '.'; });
}

// The pieces of a list. A specifier ends where the next one's operator begins, whether there is a comma or not:
// `elasticsearch (>=7.0.0<8.0.0)` of elasticsearch-dsl. Commas too many (`>=3.6,`) say nothing. nullopt: something
// stands there that has no operator.
std::optional<std::vector<Piece>> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  while (true) {
    text = strip_spaces(text);
    if (text.empty()) return pieces;
    if (text.front() == ',') {
      text.remove_prefix(1);
      continue;
    }
    const auto version_at = std::min(text.find_first_not_of(kOperatorLetters), text.size());
    if (version_at == 0) return std::nullopt;
    const auto end = std::min(text.find_first_of(",<>=!~", version_at), text.size());
    pieces.push_back({std::string(text.substr(0, version_at)),
                      std::string(strip_spaces(text.substr(version_at, end - version_at)))});
    text.remove_prefix(end);
  }
}

// Each repair changes a piece that is not valid, and leaves all others alone.

// `>="1.9"`, `>=3.6'`: quotes as in a marker, or the rest of some.
void drop_quotes(Piece& piece) {
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  auto& version = piece.version;
  while (!version.empty() && is_quote(version.back())) version.pop_back();
  version.erase(0, std::min(version.find_first_not_of("\"'"), version.size()));
}

// `!=3.0*`, `==1.7*`: the dot before the star is missing.
void put_dot_before_star(Piece& piece) {
  auto& version = piece.version;
  if ((piece.operators == "==" || piece.operators == "!=") && version.ends_with('*') &&
      is_release(std::string_view(version).substr(0, version.size() - 1)))
    version.insert(version.size() - 1, ".");
}

// `!=~1.0`: none of the releases 1.0.X.
void read_not_compatible(Piece& piece) {
  if (piece.operators != "!=~" || !is_release(piece.version)) return;
  piece.operators = "!=";
  piece.version += ".*";
}

// `>=1.9.*`, `<2.*`, as setuptools took them before version 67: the star says nothing where versions are put in order.
// `~=1.*` has no other meaning than `==1.*`.
void drop_star(Piece& piece) {
  constexpr std::array<std::string_view, 4> kOrder{">=", "<=", ">", "<"};
  auto& version = piece.version;
  if (!version.ends_with(".*") || !is_release(std::string_view(version).substr(0, version.size() - 2))) return;
  if (piece.operators == "~=") {
    piece.operators = "==";
  } else if (std::find(kOrder.begin(), kOrder.end(), piece.operators) != kOrder.end()) {
    version.resize(version.size() - 2);
  }
}

// `>=9.0.0a1.0`: a pre-release of which the numbering went on.
void drop_zero_after_prerelease(Piece& piece) {
  auto& version = piece.version;
  if (!version.ends_with(".0")) return;
  const auto shorter = std::string_view(version).substr(0, version.size() - 2);
  const auto parsed = Version::try_parse(shorter);
  if (!Version::try_parse(version) && parsed && parsed->is_prerelease() && is_ascii_digit(shorter.back()))
    version.resize(shorter.size());
}

// `pytz (>dev)` of celery: setuptools put every release after a version named `dev`.
bool excludes_nothing(const Piece& piece) {
  return (piece.operators == ">" || piece.operators == ">=") && piece.version == "dev";
}

void mend(Piece& piece) {
  if (piece.operators == "===" || Specifier::try_parse(cat(piece.operators, piece.version))) return;
  for (const auto repair :
       {drop_quotes, put_dot_before_star, read_not_compatible, drop_star, drop_zero_after_prerelease})
    repair(piece);
}

// Where the specifiers of a requirement begin, and where they end: at its marker.
struct Place {
  std::size_t begin = 0, end = 0;
};

std::optional<Place> place_of_specifiers(std::string_view text) {
  const auto end = std::min(text.find(';'), text.size());
  const auto head = text.substr(0, end);
  if (head.find('@') != std::string_view::npos) return std::nullopt;  // a URL
  const auto begin = head.find_first_of("(<>=!~");
  return begin == std::string_view::npos ? std::nullopt : std::optional(Place{begin, end});
}

}  // namespace

std::optional<std::string> mended_specifiers(std::string_view text) {
  auto pieces = pieces_of(text);
  if (!pieces) return std::nullopt;
  std::erase_if(*pieces, excludes_nothing);
  std::string out;
  for (auto& piece : *pieces) {
    mend(piece);
    append(out, out.empty() ? "" : ",", piece.operators, piece.version);
  }
  return out == text ? std::nullopt : std::optional(std::move(out));
}

std::optional<std::string> mended_requirement(std::string_view text) {
  const auto place = place_of_specifiers(text);
  if (!place) return std::nullopt;
  auto list = strip_spaces(text.substr(place->begin, place->end - place->begin));
  const bool in_parentheses = list.starts_with('(') && list.ends_with(')');
  if (in_parentheses) list = list.substr(1, list.size() - 2);
  const auto mended = mended_specifiers(list);
  if (!mended) return std::nullopt;
  const auto name = text.substr(0, place->begin), marker = text.substr(place->end);
  if (mended->empty()) return cat(trim(name), marker);
  return in_parentheses ? cat(name, '(', *mended, ')', marker) : cat(name, *mended, marker);
}

std::optional<SpecifierSet> read_requires_python(std::string_view text) {
  if (auto strict = SpecifierSet::try_parse(text)) return strict;
  const auto mended = mended_specifiers(text);
  return mended ? SpecifierSet::try_parse(*mended) : std::nullopt;
}

}  // namespace pkg::pep
