// versions.json: parsing, printing and ordering (PEP 440).

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "conformance/cases.h"
#include "pep/version.h"

namespace pkg::conformance {

namespace {

using pep::PreKind;
using pep::Version;

std::string release_text(const VectorJson& item) {
  std::string base = item.at("base");
  return base.substr(base.find('!') == std::string::npos ? 0 : base.find('!') + 1);
}

bool same_number(const VectorJson& expected, std::optional<std::uint64_t> number) {
  return expected.is_null() ? !number : number && expected.get<std::uint64_t>() == *number;
}

bool same_pre(const VectorJson& expected, const Version& version) {
  static const std::string kNames[] = {"", "a", "b", "rc"};
  if (expected.is_null()) return version.pre_kind() == PreKind::none;
  return expected.at(0) == kNames[static_cast<int>(version.pre_kind())] &&
         expected.at(1).get<std::uint64_t>() == version.pre_number();
}

// JSON has no numbers beyond 64 bits: there the texts alone are compared, which hold them all.
bool same_numbers(const VectorJson& item, const Version& version) {
  if (item.contains("bigint")) return true;
  return item.at("epoch") == version.epoch() &&
         item.at("release").get<std::vector<std::uint64_t>>() == version.release() &&
         same_pre(item.at("pre"), version) && same_number(item.at("post"), version.post()) &&
         same_number(item.at("dev"), version.dev());
}

// Epoch and release: "1!2.3" of 1!2.3.post4.
std::string base_of(const Version& version) {
  std::string text = version.to_string();
  text.resize(std::min(text.find_first_not_of("0123456789.!"), text.size()));
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string stripped(const VectorJson& item, const Version& version) {
  std::string release = release_text(item);
  while (release.ends_with(".0")) release.resize(release.size() - 2);
  const std::string base = base_of(version);
  const std::string epoch = base.substr(0, base.size() - release_text(item).size());
  return cat(epoch, release, version.to_string().substr(base.size()));
}

bool check_valid(const VectorJson& item) {
  const auto version = Version::parse(item.at("input").get<std::string>());
  if (!version) return false;
  const auto again = Version::parse(version->to_string());
  return version->to_string() == item.at("normalized") && version->without_local() == item.at("public") &&
         base_of(*version) == item.at("base") &&
         version->local() == (item.at("local").is_null() ? "" : item.at("local").get<std::string>()) &&
         same_numbers(item, *version) && version->is_prerelease() == item.at("is_prerelease") &&
         version->is_postrelease() == item.at("is_postrelease") &&
         version->is_devrelease() == item.at("is_devrelease") && stripped(item, *version) == item.at("stripped") &&
         again && *again == *version && again->hash() == version->hash();
}

bool check_compare(const VectorJson& item) {
  const auto a = Version::parse(item.at("a").get<std::string>()), b = Version::parse(item.at("b").get<std::string>());
  if (!a || !b) return false;
  const auto order = *a <=> *b;
  const int sign = order < 0 ? -1 : order > 0 ? 1 : 0;
  return sign == item.at("cmp") && ((*b <=> *a) < 0) == (order > 0) && (sign != 0 || a->hash() == b->hash());
}

bool check_sort(const VectorJson& item) {
  std::vector<std::string> names = texts(item.at("versions"));
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return Version::try_parse(a) < Version::try_parse(b); });
  return names == texts(item.at("sorted"));
}

}  // namespace

std::vector<SectionResult> run_versions(const std::filesystem::path& folder) {
  const std::string file = "versions.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file)};
  return {run_cases(*document, file, "valid", check_valid),
          run_cases(*document, file, "invalid",
                    [](const VectorJson& item) { return !Version::parse(item.at("input").get<std::string>()).ok(); }),
          run_cases(*document, file, "compare", check_compare), run_cases(*document, file, "sort", check_sort)};
}

}  // namespace pkg::conformance
