// direct_url.json

#include "conformance/cases.h"
#include "pep/direct_url.h"

namespace pkg::conformance {
namespace {

const std::string kFile = "direct_url.json";

bool parse_passes(const VectorJson& item) {
  const auto direct = pep::DirectUrl::parse(item.at("input").dump());
  if (!item.at("valid").get<bool>()) return !direct.ok();
  return direct.ok() && VectorJson::parse(direct->to_json()) == item.at("normalized");
}

}  // namespace

std::vector<SectionResult> run_direct_url(const std::filesystem::path& folder) {
  const auto document = load_vectors(folder / kFile);
  if (!document) return {unreadable(kFile)};
  return {run_cases(*document, kFile, "parse", parse_passes),
          run_cases(*document, kFile, "strip_url", [](const VectorJson& item) {
            return pep::strip_credentials(item.at("url").get<std::string>(), texts(item.at("safe_user_passwords"))) ==
                   item.at("expected");
          })};
}

}  // namespace pkg::conformance
