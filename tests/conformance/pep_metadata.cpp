// metadata.json. A case of section `metadata` passes when all of it holds: the raw fields, what an installer takes from
// them, and what the strict check says.

#include <algorithm>
#include <map>

#include "base/text.h"
#include "conformance/cases.h"
#include "pep/metadata.h"
#include "support/license_expression.h"
#include "support/metadata_validation.h"

namespace pkg::conformance {
namespace {

const std::string kFile = "metadata.json";

// The bytes of the file: UTF-8 text, or code points 0 to 255 that stand for bytes.
std::string input_bytes(const VectorJson& input) {
  if (input.contains("text")) return input.at("text");
  const std::string text = input.at("latin1");
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      bytes.push_back(text[i]);
    } else {
      bytes.push_back(static_cast<char>((c & 0x03) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f)));
    }
  }
  return bytes;
}

// "license_files" -> "license-file"
std::string header_of(const std::string& key) {
  static const std::map<std::string, std::string> kPlurals = {
      {"classifiers", "classifier"},     {"platforms", "platform"},       {"supported_platforms", "supported-platform"},
      {"license_files", "license-file"}, {"import_names", "import-name"}, {"import_namespaces", "import-namespace"}};
  const auto plural = kPlurals.find(key);
  return plural != kPlurals.end() ? plural->second : replace_all(key, "_", "-");
}

std::vector<std::string> values_of(const pep::RawMetadata& raw, const std::string& header) {
  std::vector<std::string> values;
  for (const auto value : raw.get_all(header)) values.emplace_back(value);
  if (header == "description" && !raw.description.empty()) values.push_back(raw.description);
  return values;
}

bool raw_field_passes(const pep::RawMetadata& raw, const std::string& key, const VectorJson& expected) {
  if (key == "project_urls") {
    std::map<std::string, std::string> urls;
    for (const auto& value : values_of(raw, "project-url")) {
      const auto comma = value.find(',');
      urls[std::string(trim(value.substr(0, comma)))] =
          comma == std::string::npos ? "" : std::string(trim(value.substr(comma + 1)));
    }
    return VectorJson(urls) == expected;
  }
  std::vector<std::string> values = values_of(raw, header_of(key));
  if (key == "keywords" && values.size() == 1) {
    const std::string joined = values[0];
    values.clear();
    for (const auto word : split(joined, ',')) values.emplace_back(trim(word));
  }
  if (key == "import_names" && values == std::vector<std::string>{""}) values.clear();
  return expected.is_array() ? values == texts(expected)
                             : values == std::vector<std::string>{expected.get<std::string>()};
}

bool raw_passes(const pep::RawMetadata& raw, const VectorJson& item) {
  for (const auto& [key, expected] : item.at("raw").items()) {
    if (!raw_field_passes(raw, key, expected)) return false;
  }
  for (const auto& [header, expected] : item.at("unparsed").items()) {
    if (values_of(raw, header).size() != expected.size()) return false;
  }
  return true;
}

std::string text_or_empty(const VectorJson& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

bool broken_requirements_pass(const pep::Metadata& metadata, const std::vector<std::string>& expected) {
  return std::equal(
      metadata.broken_requirements.begin(), metadata.broken_requirements.end(), expected.begin(), expected.end(),
      [](const std::string& message, const std::string& text) { return message.starts_with(quote(text)); });
}

bool installer_view_passes(const std::string& bytes, const VectorJson& view) {
  const auto metadata = pep::Metadata::read_leniently(bytes);
  std::vector<std::string> extras, requirements;
  for (const auto& extra : metadata.provides_extra) extras.push_back(extra.str());
  for (const auto& requirement : metadata.requires_dist) requirements.push_back(requirement.to_string());
  std::sort(extras.begin(), extras.end());
  return pep::normalize_name(metadata.name_text) == text_or_empty(view.at("name")) &&
         metadata.version_text == text_or_empty(view.at("version")) &&
         metadata.requires_python_text == text_or_empty(view.at("requires_python")) &&
         extras == texts(view.at("provides_extra")) && requirements == texts(view.at("requires_dist")) &&
         broken_requirements_pass(metadata, texts(view.at("bad_requires_dist")));
}

bool strict_check_passes(const pep::RawMetadata& raw, const VectorJson& item) {
  std::vector<std::string> fields;
  for (const auto& problem : pep::validate_metadata(raw)) fields.push_back(problem.field);
  if (item.at("valid").get<bool>()) return fields.empty();
  return fields == texts(item.at("invalid_fields"));
}

bool metadata_passes(const VectorJson& item) {
  const std::string bytes = input_bytes(item.at("input"));
  const auto raw = pep::parse_raw_metadata(bytes);
  return raw.ok() && raw_passes(*raw, item) && strict_check_passes(*raw, item) &&
         installer_view_passes(bytes, item.at("installer_view"));
}

bool license_expression_passes(const VectorJson& item) {
  const auto normalized = pep::normalize_license_expression(item.at("input").get<std::string>());
  if (!item.at("valid").get<bool>()) return !normalized.ok();
  return normalized.ok() && *normalized == item.at("normalized");
}

}  // namespace

std::vector<SectionResult> run_metadata(const std::filesystem::path& folder) {
  const auto document = load_vectors(folder / kFile);
  if (!document) return {unreadable(kFile)};
  return {run_cases(*document, kFile, "metadata", metadata_passes),
          run_cases(*document, kFile, "license_expression", license_expression_passes)};
}

}  // namespace pkg::conformance
