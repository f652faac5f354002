// requirements.json: requirement texts (PEP 508).

#include <string>

#include "conformance/cases.h"
#include "pep/requirement.h"

namespace pkg::conformance {

namespace {

using pep::Requirement;

std::string text_or_empty(const VectorJson& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

std::vector<std::string> extras_as_written(const Requirement& requirement) {
  std::vector<std::string> out = requirement.extras_as_written;
  if (out.empty()) {
    for (const pep::Name& extra : requirement.extras) out.push_back(extra.str());
  }
  return out;
}

std::vector<std::string> specifier_texts(const Requirement& requirement) {
  std::vector<std::string> out;
  for (const pep::Specifier& part : requirement.specifiers.parts()) out.push_back(part.to_string());
  return out;
}

bool check_valid(const VectorJson& item) {
  const auto requirement = Requirement::parse(item.at("input").get<std::string>());
  if (!requirement) return false;
  const auto again = Requirement::parse(requirement->to_string());
  return requirement->name_as_written == item.at("name") && requirement->name.str() == item.at("normalized_name") &&
         extras_as_written(*requirement) == texts(item.at("extras")) &&
         requirement->url == text_or_empty(item.at("url")) &&
         requirement->marker.to_string() == text_or_empty(item.at("marker")) &&
         specifier_texts(*requirement) == texts(item.at("specifier_set")) &&
         requirement->to_string() == item.at("str") && again && *again == *requirement;
}

}  // namespace

std::vector<SectionResult> run_requirements(const std::filesystem::path& folder) {
  const std::string file = "requirements.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file)};
  return {run_cases(*document, file, "valid", check_valid),
          run_cases(*document, file, "invalid", [](const VectorJson& item) {
            return !Requirement::parse(item.at("input").get<std::string>()).ok();
          })};
}

}  // namespace pkg::conformance
