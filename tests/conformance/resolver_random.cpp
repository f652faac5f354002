// resolver_random.json: small random indexes, satisfiable or not as a SAT solver proved.

#include "conformance/cases.h"
#include "conformance/resolver_judge.h"
#include "resolver/resolve.h"

namespace pkg::conformance {

std::vector<SectionResult> run_resolver_random(const std::filesystem::path& folder) {
  const std::string file = "resolver_random.json";
  const auto document = load_vectors(folder / file);
  if (!document) return {unreadable(file)};
  const pep::Target target = target_of(document->at("environment"));
  return {run_cases(*document, file, "resolve", [&](const VectorJson& item) {
    test::World world;
    fill_world(item.at("index"), world);
    resolver::Problem problem;
    problem.requirements = requirements_of(item.at("root"));
    problem.targets.push_back(target);
    const auto answer = resolver::resolve(problem, world);
    if (!answer.ok()) return false;
    const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
    if ((resolution != nullptr) != item.at("satisfiable").get<bool>()) return false;
    return resolution == nullptr || check_solution(problem, *resolution).empty();
  })};
}

}  // namespace pkg::conformance
