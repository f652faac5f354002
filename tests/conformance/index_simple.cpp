// simple_index.json

#include "conformance/cases.h"
#include "index/simple/page.h"

namespace pkg::conformance {
namespace {

const std::string kFile = "simple_index.json";

VectorJson hashes_of(const index::Link::Hashes& hashes) {
  VectorJson out = VectorJson::object();
  for (const auto& [algorithm, hex] : hashes) out[algorithm] = hex;
  return out;
}

VectorJson to_vector(const index::Link& link) {
  VectorJson out;
  out["url"] = link.fragment.empty() ? link.url : link.url + "#" + link.fragment;
  out["filename"] = link.file_name;
  out["hashes"] = hashes_of(link.hashes);
  out["requires_python"] = link.requires_python.empty() ? VectorJson() : VectorJson(link.requires_python);
  out["yanked"] = link.yanked ? VectorJson(*link.yanked) : VectorJson();
  out["core_metadata"] = VectorJson();
  if (link.has_metadata)
    out["core_metadata"] = link.metadata_hashes.empty() ? VectorJson(true) : hashes_of(link.metadata_hashes);
  return out;
}

bool parse_passes(const VectorJson& item) {
  auto body = item.at("content").get<std::string>();
  const auto format = index::page_format(item.at("content_type").get<std::string>(), body);
  VectorJson links = VectorJson::array();
  const auto sink = [&](const index::Link& link) { links.push_back(to_vector(link)); };
  const bool ok = format.ok() && index::parse_page(*format, body, item.at("url").get<std::string>(), sink).ok();
  if (!item.contains("links")) return !ok;
  return ok && links == item.at("links");
}

}  // namespace

std::vector<SectionResult> run_simple_index(const std::filesystem::path& folder) {
  const auto document = load_vectors(folder / kFile);
  if (!document) return {unreadable(kFile)};
  return {run_cases(*document, kFile, "parse", parse_passes)};
}

}  // namespace pkg::conformance
