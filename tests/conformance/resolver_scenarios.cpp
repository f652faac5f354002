// resolver/**: one scenario per file. Here those of mode "install", judged in three steps: satisfiable, valid, the
// expected pins.

#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "conformance/cases.h"
#include "conformance/resolver_judge.h"
#include "conformance/resolver_scenarios.h"
#include "resolver/resolve.h"

namespace pkg::conformance {

namespace {

std::set<pep::Name> names_of(const VectorJson& options, const char* key) {
  std::set<pep::Name> names;
  if (const auto at = options.find(key); at != options.end())
    for (const VectorJson& name : *at)
      names.insert(pep::Name::from_normalized(pep::normalize_name(name.get<std::string>())));
  return names;
}

resolver::Problem problem_of(const VectorJson& scenario) {
  const VectorJson options = scenario.value("options", VectorJson::object());
  resolver::Problem problem;
  problem.requirements = requirements_of(scenario.at("root").at("requires"));
  problem.constraints = requirements_of(options.value("constraints", VectorJson::array()));
  problem.targets.push_back(target_of(scenario.at("environment")));
  const VectorJson locked = options.value("locked", VectorJson::object());
  for (const auto& [name, version] : locked.items())
    problem.preferences.push_back({pep::Name::from_normalized(pep::normalize_name(name)),
                                   pep::Version::parse(version.get<std::string>()).value()});
  if (options.value("prereleases", VectorJson()) == true) problem.policy.prereleases = resolver::Prereleases::allow;
  if (options.value("resolution", VectorJson()) == "lowest") {
    problem.policy.order = resolver::Order::lowest;
    problem.preferences.clear();
  }
  problem.policy.format.no_binary = names_of(options, "no_binary");
  problem.policy.format.only_binary = names_of(options, "no_build");
  return problem;
}

std::map<std::string, pep::Version> pins_of(const VectorJson& packages) {
  std::map<std::string, pep::Version> pins;
  for (const auto& [name, version] : packages.items())
    pins[pep::normalize_name(name)] = pep::Version::parse(version.get<std::string>()).value();
  return pins;
}

void judge(const VectorJson& expected, const resolver::Problem& problem,
           const std::variant<resolver::Resolution, resolver::Conflict>& answer, ScenarioVerdict& verdict) {
  const auto* const resolution = std::get_if<resolver::Resolution>(&answer);
  if (const auto* const conflict = std::get_if<resolver::Conflict>(&answer)) verdict.conflict = *conflict;
  verdict.satisfiable = expected.at("satisfiable").get<bool>() == (resolution != nullptr);
  if (!verdict.satisfiable) {
    verdict.problem = resolution != nullptr ? "expected a conflict" : "expected a solution";
    return;
  }
  verdict.valid = verdict.pins = true;
  if (resolution == nullptr) return;
  verdict.statistics = resolution->statistics;
  verdict.problem = check_solution(problem, *resolution);
  verdict.valid = verdict.problem.empty();
  const auto wanted = pins_of(expected.value("packages", VectorJson::object()));
  if (wanted.empty()) return;  // the scenario says no more than that there is a solution
  for (const resolver::Pin& pin : resolution->pins) {
    const auto at = wanted.find(pin.name.str());
    if (at != wanted.end() && at->second == pin.version) continue;
    verdict.pins = false;
    append(verdict.problem, pin.name.str(), " ", pin.version.to_string(), " instead of ",
           at == wanted.end() ? "none" : at->second.to_string(), "; ");
  }
  if (resolution->pins.size() < wanted.size()) verdict.pins = false;
}

}  // namespace

std::optional<ScenarioVerdict> run_scenario(const std::filesystem::path& file, const ScenarioClock& clock) {
  const auto scenario = load_vectors(file);
  ScenarioVerdict verdict;
  verdict.name = file.stem().string();
  if (!scenario) {
    verdict.problem = "unreadable";
    return verdict;
  }
  if (scenario->value("mode", "") != "install") return std::nullopt;
  try {
    verdict.id = scenario->at("id").get<std::string>();
    test::World world;
    fill_world(scenario->at("index"), world);
    const resolver::Problem problem = problem_of(*scenario);
    const double start = clock ? clock() : 0;
    const auto answer = resolver::resolve(problem, world);
    verdict.seconds = clock ? clock() - start : 0;
    verdict.counts = world.counts();
    if (!answer.ok())
      verdict.problem = answer.error().message;
    else
      judge(scenario->at("expected"), problem, *answer, verdict);
  } catch (const VectorJson::exception& error) {
    verdict.problem = error.what();
  }
  return verdict;
}

std::vector<std::filesystem::path> scenario_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "resolver", ignored))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<SectionResult> run_resolver(const std::filesystem::path& folder) {
  std::vector<SectionResult> results;
  for (const std::filesystem::path& file : scenario_files(folder)) {
    const auto verdict = run_scenario(file, nullptr);
    if (!verdict) continue;
    const std::string section_file = cat("resolver/", file.parent_path().filename().string());
    if (results.empty() || results.back().file != section_file) results.push_back({section_file, "install", 0, {}});
    ++results.back().total;
    if (!verdict->passed()) results.back().failed.push_back(verdict->id);
  }
  return results;
}

}  // namespace pkg::conformance
