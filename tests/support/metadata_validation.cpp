#include "support/metadata_validation.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "support/license_expression.h"

namespace pkg::pep {
namespace {

constexpr std::array<std::string_view, 9> kVersions = {"1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"};

enum class Count : std::uint8_t { once, many };

struct FieldRule {
  std::string_view name;
  Count count;
  std::string_view since;  // the metadata version that introduced it
};

// Core metadata specification; sorted by name.
constexpr FieldRule kRules[] = {
    {"author", Count::once, "1.0"},
    {"author-email", Count::once, "1.0"},
    {"classifier", Count::many, "1.1"},
    {"description", Count::once, "1.0"},
    {"description-content-type", Count::once, "2.1"},
    {"download-url", Count::once, "1.1"},
    {"dynamic", Count::many, "2.2"},
    {"home-page", Count::once, "1.0"},
    {"import-name", Count::many, "2.5"},
    {"import-namespace", Count::many, "2.5"},
    {"keywords", Count::once, "1.0"},
    {"license", Count::once, "1.0"},
    {"license-expression", Count::once, "2.4"},
    {"license-file", Count::many, "2.4"},
    {"maintainer", Count::once, "1.2"},
    {"maintainer-email", Count::once, "1.2"},
    {"metadata-version", Count::once, "1.0"},
    {"name", Count::once, "1.0"},
    {"obsoletes", Count::many, "1.1"},
    {"obsoletes-dist", Count::many, "1.2"},
    {"platform", Count::many, "1.0"},
    {"project-url", Count::many, "1.2"},
    {"provides", Count::many, "1.1"},
    {"provides-dist", Count::many, "1.2"},
    {"provides-extra", Count::many, "2.1"},
    {"requires", Count::many, "1.1"},
    {"requires-dist", Count::many, "1.2"},
    {"requires-external", Count::many, "1.2"},
    {"requires-python", Count::once, "1.2"},
    {"summary", Count::once, "1.0"},
    {"supported-platform", Count::many, "1.1"},
    {"version", Count::once, "1.0"},
};

constexpr std::array<std::string_view, 35> kPythonKeywords = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

const FieldRule* rule_of(std::string_view field) {
  const auto found =
      std::find_if(std::begin(kRules), std::end(kRules), [field](const FieldRule& rule) { return rule.name == field; });
  return found == std::end(kRules) ? nullptr : found;
}

// What is wrong with one value; empty: nothing.
using Complaint = std::string;

Complaint expected(std::string_view value, std::string_view what) { return cat(quote(value), " is not ", what); }

Complaint check_metadata_version(std::string_view value) {
  const bool known = std::find(kVersions.begin(), kVersions.end(), value) != kVersions.end();
  return known ? Complaint() : expected(value, "a version of the metadata standard");
}

Complaint check_name(std::string_view value) {
  return is_valid_name(value) ? Complaint() : expected(value, "a project name");
}
Complaint check_extra(std::string_view value) {
  return is_valid_name(value) ? Complaint() : expected(value, "the name of an extra");
}
Complaint check_version(std::string_view value) {
  return Version::try_parse(value) ? Complaint() : expected(value, "a version");
}

template <class T>
Complaint message_of(const Result<T>& result) {
  return result.ok() ? Complaint() : result.error().message;
}

Complaint check_requires_python(std::string_view value) { return message_of(SpecifierSet::parse(value)); }
Complaint check_requires_dist(std::string_view value) { return message_of(Requirement::parse(value)); }
Complaint check_license_expression(std::string_view value) { return message_of(normalize_license_expression(value)); }

// One line, also for those who take U+0085, U+2028 and U+2029 for line ends, as Python does.
Complaint check_summary(std::string_view value) {
  const bool has_line_end = value.find_first_of("\n\r\v\f\x1c\x1d\x1e") != std::string_view::npos ||
                            value.find("\xc2\x85") != std::string_view::npos ||
                            value.find("\xe2\x80\xa8") != std::string_view::npos ||
                            value.find("\xe2\x80\xa9") != std::string_view::npos;
  return has_line_end ? "it has more than one line" : Complaint();
}

Complaint check_dynamic(std::string_view value) {
  const std::string field = to_ascii_lower(value);
  if (field == "name" || field == "version" || field == "metadata-version")
    return cat(quote(value), " may not be dynamic");
  return rule_of(field) != nullptr ? Complaint() : expected(value, "a metadata field");
}

Complaint check_license_file(std::string_view value) {
  if (value.find('\\') != std::string_view::npos) return cat(quote(value), " contains a backslash");
  if (value.find("..") != std::string_view::npos) return cat(quote(value), " contains `..`");
  if (value.find('*') != std::string_view::npos) return cat(quote(value), " is a pattern");
  const bool drive = value.size() > 1 && is_ascii_alpha(value[0]) && value[1] == ':';
  return value.starts_with('/') || drive ? cat(quote(value), " is not relative") : Complaint();
}

bool is_identifier(std::string_view text) {
  if (text.empty() || is_ascii_digit(text.front())) return false;
  const bool letters = std::all_of(text.begin(), text.end(), [](char c) {
    return is_ascii_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  });
  return letters && std::find(kPythonKeywords.begin(), kPythonKeywords.end(), text) == kPythonKeywords.end();
}

// "package.module" or "package.module; private"
Complaint check_import_name(std::string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon != std::string_view::npos && trim(value.substr(semicolon + 1)) != "private")
    return cat("after the `;` of ", quote(value), " only `private` may stand");
  for (const auto part : split(trim(value.substr(0, semicolon)), '.')) {
    if (!is_identifier(part)) return expected(value, "an importable name");
  }
  return {};
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_ascii_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+';
  });
}

Complaint check_content_type_parameter(std::string_view type, std::string_view parameter) {
  const auto equals = parameter.find('=');
  const auto name = trim(parameter.substr(0, equals));
  auto value = equals == std::string_view::npos ? std::string_view() : trim(parameter.substr(equals + 1));
  if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  if (!is_token(name) || !is_token(value)) return cat(quote(parameter), " is not a parameter");
  if (equals_ignoring_case(name, "charset") && !equals_ignoring_case(value, "utf-8"))
    return cat("the charset is ", quote(value), ", not UTF-8");
  if (equals_ignoring_case(name, "variant") && type == "text/markdown" && value != "GFM" && value != "CommonMark")
    return cat("the variant is ", quote(value), ", expected GFM or CommonMark");
  return {};
}

Complaint check_description_content_type(std::string_view value) {
  const auto parts = split(value, ';');
  const std::string type = to_ascii_lower(trim(parts[0]));
  if (type != "text/plain" && type != "text/x-rst" && type != "text/markdown")
    return expected(value, "one of text/plain, text/x-rst and text/markdown");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (auto complaint = check_content_type_parameter(type, trim(parts[i])); !complaint.empty()) return complaint;
  }
  return {};
}

Complaint check_value(std::string_view field, std::string_view value) {
  if (field == "metadata-version") return check_metadata_version(value);
  if (field == "name") return check_name(value);
  if (field == "version") return check_version(value);
  if (field == "summary") return check_summary(value);
  if (field == "requires-python") return check_requires_python(value);
  if (field == "requires-dist") return check_requires_dist(value);
  if (field == "provides-extra") return check_extra(value);
  if (field == "dynamic") return check_dynamic(value);
  if (field == "license-expression") return check_license_expression(value);
  if (field == "license-file") return check_license_file(value);
  if (field == "import-name" || field == "import-namespace") return check_import_name(value);
  if (field == "description-content-type") return check_description_content_type(value);
  return {};
}

std::size_t version_index(std::string_view version) {
  return static_cast<std::size_t>(std::find(kVersions.begin(), kVersions.end(), version) - kVersions.begin());
}

// Two URLs under one label: which is meant?
Complaint check_labels(const std::vector<std::string_view>& urls) {
  std::vector<std::string_view> labels;
  for (const auto url : urls) {
    const auto label = trim(url.substr(0, url.find(',')));
    if (std::find(labels.begin(), labels.end(), label) != labels.end())
      return cat("the label ", quote(label), " is given twice");
    labels.push_back(label);
  }
  return {};
}

class Validator {
 public:
  explicit Validator(const RawMetadata& metadata) : metadata_(metadata) {
    const auto versions = metadata.get_all("metadata-version");
    if (versions.size() == 1) version_ = version_index(versions[0]);
  }

  std::vector<MetadataProblem> run() {
    for (const auto& [field, value] : metadata_.fields) {
      if (rule_of(field) == nullptr) complain(field, "the standard knows no such field");
    }
    for (const FieldRule& rule : kRules) {
      if (auto complaint = check_field(rule); !complaint.empty()) complain(rule.name, std::move(complaint));
    }
    std::sort(problems_.begin(), problems_.end(), [](const auto& a, const auto& b) { return a.field < b.field; });
    return std::move(problems_);
  }

 private:
  void complain(std::string_view field, Complaint message) {
    for (const MetadataProblem& problem : problems_) {
      if (problem.field == field) return;
    }
    problems_.push_back({std::string(field), std::move(message)});
  }

  // The body counts as a description.
  std::vector<std::string_view> values_of(std::string_view field) const {
    auto values = metadata_.get_all(field);
    if (field == "description" && !metadata_.description.empty()) values.push_back(metadata_.description);
    return values;
  }

  Complaint check_field(const FieldRule& rule) const {
    const auto values = values_of(rule.name);
    if (values.empty()) return is_required(rule.name) ? "it is missing" : Complaint();
    if (rule.count == Count::once && values.size() > 1) return "it is given more than once";
    for (const auto value : values) {
      if (!is_valid_utf8(value)) return "it is not UTF-8";
    }
    if (version_ < kVersions.size() && version_ < version_index(rule.since))
      return cat("metadata version ", rule.since, " introduced it, and this is ", kVersions[version_]);
    if (rule.name == "project-url") return check_labels(values);
    if (rule.name == "import-name" && values.size() == 1 && values[0].empty()) return {};  // "nothing to import"
    for (const auto value : values) {
      if (auto complaint = check_value(rule.name, value); !complaint.empty()) return complaint;
    }
    return {};
  }

  static bool is_required(std::string_view field) {
    return field == "metadata-version" || field == "name" || field == "version";
  }

  const RawMetadata& metadata_;
  std::size_t version_ = kVersions.size();  // index into kVersions; its size: not known
  std::vector<MetadataProblem> problems_;
};

}  // namespace

std::vector<MetadataProblem> validate_metadata(const RawMetadata& metadata) { return Validator(metadata).run(); }

}  // namespace pkg::pep
