// resolver/** in mode "universal". Three sections for each folder: "universal" (satisfiable or not, by scenario),
// "universal-valid" and "universal-equal" (by scenario and environment: what is installed is a solution, and is what
// uv's lock installs). Scenarios without uv's lock are compared in their own environment, where they say what is
// installed there; their other environments are checked for validity.

#include "conformance/resolver_universal.h"

#include <fstream>
#include <iterator>
#include <map>

#include "base/text.h"
#include "conformance/cases.h"
#include "conformance/resolver_judge.h"
#include "conformance/resolver_scenarios.h"
#include "resolver/marker_space.h"
#include "resolver/resolve.h"
#include "support/check_lock.h"

namespace pkg::conformance {

namespace {

std::vector<pep::Marker> markers_of(const VectorJson& options, const char* key) {
  std::vector<pep::Marker> markers;
  const auto at = options.find(key);
  if (at == options.end() || !at->is_array()) return markers;
  for (const VectorJson& text : *at)
    if (auto marker = pep::Marker::parse(text.get<std::string>())) markers.push_back(std::move(*marker));
  return markers;
}

resolver::Problem problem_of(const VectorJson& scenario) {
  const VectorJson options = scenario.value("options", VectorJson::object());
  const VectorJson& root = scenario.at("root");
  resolver::Problem problem;
  problem.requirements = requirements_of(root.at("requires"));
  problem.constraints = requirements_of(options.value("constraints", VectorJson::array()));
  resolver::Universe universe;
  if (root.contains("requires_python") && root.at("requires_python").is_string()) {
    std::string requires_python = root.at("requires_python").get<std::string>();
    // Scenarios of `uv pip compile --universal` have no project: what counts is the Python that runs.
    if (requires_python == ">=0")
      requires_python = cat(">=", scenario.at("environment").at("python").get<std::string>());
    universe.requires_python = pep::SpecifierSet::parse(requires_python).value();
  }
  universe.environments = markers_of(options, "environments");
  for (pep::Marker& marker : markers_of(options, "required_environments"))
    universe.required.push_back({marker.to_string(), std::move(marker), {}});
  problem.universe = std::move(universe);
  const VectorJson resolution = options.value("resolution", VectorJson());
  if (resolution == "lowest") problem.policy.order = resolver::Order::lowest;
  if (resolution == "lowest-direct") problem.policy.order = resolver::Order::lowest_direct;
  if (options.value("prereleases", VectorJson()) == true) problem.policy.prereleases = resolver::Prereleases::allow;
  const VectorJson locked = options.value("locked", VectorJson::object());
  for (const auto& [name, version] : locked.items())
    problem.preferences.push_back({.name = pep::Name::from_normalized(pep::normalize_name(name)),
                                   .version = pep::Version::parse(version.get<std::string>()).value()});
  return problem;
}

// The scenario's environments say how they differ from its own.
test::LockTarget lock_target(const VectorJson& scenario, const VectorJson& differences) {
  VectorJson environment = scenario.at("environment");
  environment.erase("tags");
  environment.at("markers").update(differences);
  return {.environment = target_of(environment).environment};
}

std::string install_text(const VectorJson& install) {
  std::map<pep::Name, pep::Version> pins;
  for (const auto& [name, version] : install.items())
    pins[pep::Name::from_normalized(pep::normalize_name(name))] =
        pep::Version::parse(version.get<std::string>()).value();
  std::string text;
  for (const auto& [name, version] : pins) append(text, text.empty() ? "" : ", ", name.str(), " ", version.to_string());
  return text;
}

struct Expectation {
  std::string environment;
  VectorJson markers = VectorJson::object();
  std::optional<VectorJson> install;  // nullopt: not said
};

std::vector<Expectation> expectations_of(const VectorJson& scenario) {
  std::vector<Expectation> expectations;
  if (scenario.contains("uv_lock")) {
    for (const VectorJson& item : scenario.at("uv_lock").at("per_environment"))
      expectations.push_back({item.at("environment").get<std::string>(), item.at("markers"), item.at("install")});
    return expectations;
  }
  const VectorJson packages = scenario.at("expected").value("packages", VectorJson::object());
  if (!packages.empty()) expectations.push_back({"own", VectorJson::object(), packages});
  const VectorJson single = scenario.value("pip_like_per_environment", VectorJson::array());
  for (const VectorJson& item : single)
    if (item.value("satisfiable", false))
      expectations.push_back({item.at("environment").get<std::string>(), item.at("markers"), {}});
  return expectations;
}

ProjectionVerdict judge_projection(const VectorJson& scenario, const Expectation& expectation,
                                   const resolver::Problem& problem, const UniversalVerdict& verdict,
                                   test::World& world) {
  ProjectionVerdict result;
  result.environment = expectation.environment;
  result.is_compared = expectation.install.has_value();
  if (expectation.install) result.theirs = install_text(*expectation.install);
  if (!verdict.satisfiable) {
    result.complaints.push_back("there is no lock");
    return result;
  }
  const test::LockTarget target = lock_target(scenario, expectation.markers);
  resolver::MarkerSpace space;
  result.is_outside = !space.contains(space.known_platforms(), {.environment = target.environment});
  if (!result.is_outside) result.complaints = test::check_lock(problem, verdict.resolution, world, target);
  result.ours = test::projection_text(verdict.resolution, target);
  result.is_equal = result.ours == result.theirs;
  return result;
}

UniversalVerdict judge(const VectorJson& scenario) {
  UniversalVerdict verdict;
  verdict.id = scenario.at("id").get<std::string>();
  verdict.expected_satisfiable = scenario.at("expected").at("satisfiable").get<bool>();
  test::World world;
  fill_world(scenario.at("index"), world);
  const resolver::Problem problem = problem_of(scenario);
  auto answer = resolver::resolve(problem, world);
  if (!answer.ok()) {
    verdict.error = answer.error().message;
    return verdict;
  }
  if (auto* const resolution = std::get_if<resolver::Resolution>(&*answer)) {
    verdict.satisfiable = true;
    verdict.resolution = std::move(*resolution);
  } else {
    verdict.conflict = std::get<resolver::Conflict>(std::move(*answer));
  }
  if (!verdict.satisfiable && !verdict.expected_satisfiable) return verdict;
  for (const Expectation& expectation : expectations_of(scenario))
    verdict.projections.push_back(judge_projection(scenario, expectation, problem, verdict, world));
  return verdict;
}

}  // namespace

std::optional<UniversalVerdict> run_universal_scenario(const std::filesystem::path& file) {
  // Most scenarios are of the other mode, and some of those are megabytes: parsing is the last resort.
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (text.find("\"universal\"") == std::string::npos) return std::nullopt;
  const VectorJson scenario = VectorJson::parse(text, nullptr, false);
  if (!scenario.is_object() || scenario.value("mode", "") != "universal") return std::nullopt;
  UniversalVerdict verdict;
  try {
    verdict = judge(scenario);
  } catch (const VectorJson::exception& error) {
    verdict.error = error.what();
  }
  verdict.name = file.stem().string();
  return verdict;
}

std::vector<SectionResult> run_resolver_universal(const std::filesystem::path& folder) {
  std::map<std::string, std::vector<SectionResult>> by_folder;
  for (const std::filesystem::path& file : scenario_files(folder)) {
    const auto verdict = run_universal_scenario(file);
    if (!verdict) continue;
    const std::string section_file = cat("resolver/", file.parent_path().filename().string());
    std::vector<SectionResult>& sections = by_folder[section_file];
    if (sections.empty())
      for (const char* const name : {"universal", "universal-valid", "universal-equal"})
        sections.push_back({section_file, name, 0, {}});
    ++sections[0].total;
    if (!verdict->error.empty() || verdict->satisfiable != verdict->expected_satisfiable)
      sections[0].failed.push_back(verdict->id);
    for (const ProjectionVerdict& projection : verdict->projections) {
      const std::string id = cat(verdict->id, " ", projection.environment);
      if (!projection.is_outside) ++sections[1].total;
      if (!projection.complaints.empty()) sections[1].failed.push_back(id);
      if (!projection.is_compared) continue;
      ++sections[2].total;
      if (!projection.is_equal) sections[2].failed.push_back(id);
    }
  }
  std::vector<SectionResult> results;
  for (auto& [name, sections] : by_folder)
    for (SectionResult& section : sections) results.push_back(std::move(section));
  return results;
}

}  // namespace pkg::conformance
