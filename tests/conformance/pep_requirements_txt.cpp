// requirements_txt.json: pip's requirements files, with the files they include. The classes of pip's exceptions are not
// compared.

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "base/hash.h"
#include "conformance/cases.h"
#include "pep/requirements_txt.h"

namespace pkg::conformance {

namespace {

using pep::RequirementLine;
using pep::RequirementsFile;

std::string file_content(const VectorJson& value) {
  if (value.is_string()) return value;
  return hash::from_hex(value.at("hex").get<std::string>()).value_or("");
}

Result<RequirementsFile> load(const VectorJson& item) {
  const auto read = [&](const std::string& name) -> Result<std::string> {
    const std::string path = std::filesystem::path(name).lexically_normal().string();
    if (!item.at("files").contains(path)) return make_error(ErrorKind::not_found, "there is no file " + path);
    return file_content(item.at("files").at(path));
  };
  const auto environment = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = item.at("env").find(std::string(name));
    return found == item.at("env").end() ? std::nullopt : std::optional(found->get<std::string>());
  };
  return pep::load_requirements(item.at("main"), pep::RequirementsRole::requirements, read, environment);
}

VectorJson to_json(const RequirementLine& line, bool constraint) {
  VectorJson out = {{"requirement", line.value}};
  if (constraint) out["constraint"] = true;
  if (line.kind == RequirementLine::Kind::editable) out["editable"] = true;
  for (const std::string& hash : line.hashes) {
    const std::size_t colon = hash.find(':');
    out["hashes"][hash.substr(0, colon)].push_back(hash.substr(colon + 1));
  }
  std::map<std::string, std::vector<std::string>> settings;
  for (const auto& [key, value] : line.config_settings) settings[key].push_back(value);
  for (const auto& [key, values] : settings) {
    out["config_settings"][key] = values.size() == 1 ? VectorJson(values.front()) : VectorJson(values);
  }
  return out;
}

// Two name lists of which a name is in at most one: --no-binary and --only-binary, --all-releases and --only-final.
void add_names(std::vector<std::string>& names, std::vector<std::string>& others, std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string name(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (name == ":none:") {
      names.clear();
    } else if (name == ":all:") {
      names = {name};
      others.clear();
    } else {
      names.push_back(name);
      others.erase(std::remove(others.begin(), others.end(), name), others.end());
    }
  }
}

VectorJson options_json(const RequirementsFile& file) {
  VectorJson out = VectorJson::object();
  std::map<std::string, std::vector<std::string>> names;
  std::vector<std::string> indexes = {"https://index.example.org/simple"};
  const std::vector<std::string> untouched = indexes;
  bool no_index = false;
  for (const RequirementLine& line : file.options) {
    if (line.option == "--index-url") indexes = {line.value};
    if (line.option == "--extra-index-url") indexes.push_back(line.value);
    if (line.option == "--no-index") no_index = true;
    if (line.option == "--find-links") out["find_links"].push_back(line.value);
    if (line.option == "--trusted-host") out["trusted_hosts"].push_back(line.value);
    if (line.option == "--prefer-binary") out["prefer_binary"] = true;
    if (line.option == "--no-binary") add_names(names["no_binary"], names["only_binary"], line.value);
    if (line.option == "--only-binary") add_names(names["only_binary"], names["no_binary"], line.value);
    if (line.option == "--pre") add_names(names["all_releases"], names["-"], ":all:");
    if (line.option == "--all-releases") add_names(names["all_releases"], names["only_final"], line.value);
    if (line.option == "--only-final") add_names(names["only_final"], names["all_releases"], line.value);
  }
  if (no_index) indexes.clear();
  if (no_index) out["no_index"] = true;
  if (indexes != untouched) out["index_urls"] = indexes;
  names.erase("-");
  for (auto& [key, list] : names) {
    std::sort(list.begin(), list.end());
    if (!list.empty()) out[key] = list;
  }
  return out;
}

bool check(const VectorJson& item) {
  const auto file = load(item);
  if (!item.at("ok").get<bool>()) return !file.ok();
  if (!file || options_json(*file) != item.at("options")) return false;
  VectorJson requirements = VectorJson::array(), constraints = VectorJson::array();
  for (const VectorJson& expected : item.at("requirements")) {
    (expected.contains("constraint") ? constraints : requirements).push_back(expected);
  }
  VectorJson found = VectorJson::array(), found_constraints = VectorJson::array();
  for (const RequirementLine& line : file->requirements) found.push_back(to_json(line, false));
  for (const RequirementLine& line : file->constraints) found_constraints.push_back(to_json(line, true));
  return found == requirements && found_constraints == constraints;
}

}  // namespace

std::vector<SectionResult> run_requirements_txt(const std::filesystem::path& folder) {
  const std::string file = "requirements_txt.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file)};
  return {run_cases(*document, file, "parse", check)};
}

}  // namespace pkg::conformance
