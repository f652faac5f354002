// markers.json: parsing, printing and evaluating environment markers (PEP 508).

#include <algorithm>
#include <string>

#include "conformance/cases.h"
#include "pep/marker.h"
#include "pep/specifier.h"

namespace pkg::conformance {

namespace {

using pep::Marker;
using pep::MarkerAtom;
using pep::MarkerOperator;
using pep::MarkerVariable;
using pep::Name;

pep::Environment environment_of(const VectorJson& values) {
  const auto value = [&](const char* key) { return values.value(key, std::string()); };
  return {.os_name = value("os_name"),
          .sys_platform = value("sys_platform"),
          .platform_machine = value("platform_machine"),
          .platform_python_implementation = value("platform_python_implementation"),
          .platform_release = value("platform_release"),
          .platform_system = value("platform_system"),
          .platform_version = value("platform_version"),
          .python_version = value("python_version"),
          .python_full_version = value("python_full_version"),
          .implementation_name = value("implementation_name"),
          .implementation_version = value("implementation_version")};
}

std::vector<Name> names(const VectorJson& values, const char* key) {
  std::vector<Name> out;
  if (values.contains(key)) {
    for (const std::string& text : texts(values.at(key)))
      out.push_back(Name::from_normalized(pep::normalize_name(text)));
  }
  return out;
}

bool check_valid(const VectorJson& item) {
  const auto marker = Marker::parse(item.at("input").get<std::string>());
  if (!marker || marker->to_string() != item.at("normalized")) return false;
  const auto again = Marker::parse(marker->to_string());
  return again && *again == *marker;
}

bool is_version_valued(MarkerVariable variable) {
  return variable == MarkerVariable::python_version || variable == MarkerVariable::python_full_version ||
         variable == MarkerVariable::implementation_version || variable == MarkerVariable::platform_release;
}

// A comparison to which the standard gives no meaning: an error to the vectors, false to pkg.
bool is_undefined(const MarkerAtom& atom, const VectorJson& values, bool is_lock_file) {
  if (atom.sides == MarkerAtom::Sides::two_literals) return true;
  if (atom.variable == MarkerVariable::extras || atom.variable == MarkerVariable::dependency_groups)
    return !is_lock_file || !atom.reversed || (atom.op != MarkerOperator::in && atom.op != MarkerOperator::not_in);
  if (atom.op != MarkerOperator::compatible && atom.op != MarkerOperator::arbitrary) return false;
  if (!is_version_valued(atom.variable)) return true;
  const std::string right =
      atom.reversed ? values.value(std::string(to_string(atom.variable)), std::string()) : atom.literal;
  const auto op = atom.op == MarkerOperator::compatible ? pep::Operator::compatible : pep::Operator::arbitrary;
  return !pep::Specifier::try_parse(op, right);
}

bool check_evaluate(const VectorJson& item, const VectorJson& environments) {
  const auto marker = Marker::parse(item.at("marker").get<std::string>());
  if (!marker) return false;
  VectorJson values = environments.at(item.at("environment").get<std::string>());
  values.update(item.at("overrides"));
  const pep::Environment environment = environment_of(values);
  std::vector<Name> extras;
  if (item.at("extra").is_string())
    extras.push_back(Name::from_normalized(pep::normalize_name(item.at("extra").get<std::string>())));
  const std::vector<Name> lock_extras = names(values, "extras"), lock_groups = names(values, "dependency_groups");
  const bool is_lock_file =
      item.at("context") == "lock_file" || values.contains("extras") || values.contains("dependency_groups");
  const pep::MarkerContext context{.environment = environment,
                                   .extras = extras,
                                   .lock_extras = lock_extras,
                                   .lock_groups = lock_groups,
                                   .is_lock_file = is_lock_file};
  const auto nodes = marker->nodes();
  const bool undefined = std::any_of(nodes.begin(), nodes.end(), [&](const pep::MarkerNode& node) {
    return node.kind == pep::MarkerNode::Kind::atom && is_undefined(node.atom, values, is_lock_file);
  });
  if (item.contains("error")) return undefined;
  return !undefined && marker->evaluate(context) == item.at("expected").get<bool>();
}

}  // namespace

std::vector<SectionResult> run_markers(const std::filesystem::path& folder) {
  const std::string file = "markers.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file)};
  const VectorJson& environments = document->at("environments");
  return {run_cases(*document, file, "valid", check_valid),
          run_cases(*document, file, "invalid",
                    [](const VectorJson& item) { return !Marker::parse(item.at("input").get<std::string>()).ok(); }),
          run_cases(*document, file, "evaluate",
                    [&](const VectorJson& item) { return check_evaluate(item, environments); })};
}

}  // namespace pkg::conformance
