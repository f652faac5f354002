#include "ops/inspect/package_facts.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "ops/environment/project_environment.h"
#include "pep/filename.h"
#include "venv/environment.h"
#include "venv/site.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kMostLicense = 100, kMostSummary = 300;
constexpr std::uint64_t kMostSize = std::uint64_t{1} << 50;  // of one file, as RECORD has it: more is nonsense

// The beginning of one line, of whole characters.
std::string beginning(std::string_view text, std::size_t limit) {
  const auto lines = split_lines(trim(text));
  auto line = lines.empty() ? std::string_view() : trim(lines.front());
  if (line.size() <= limit) return std::string(line);
  while (limit > 0 && (static_cast<unsigned char>(line[limit]) & 0xC0) == 0x80) --limit;
  return cat(line.substr(0, limit), "…");
}

std::optional<std::uint64_t> recorded_size(const venv::InstalledDist& dist) {
  const auto rows = venv::read_record(dist);
  if (!rows) return std::nullopt;
  std::uint64_t total = 0;
  for (const auto& row : *rows) {
    if (row.size && *row.size <= kMostSize) total += *row.size;
  }
  return total;
}

void describe(const venv::InstalledDist& dist, PackageFacts& facts) {
  const auto text = venv::read_metadata_text(dist);
  if (!text) return;
  const auto metadata = pep::parse_raw_metadata(*text);
  if (!metadata) return;
  facts.license = license_of(*metadata);
  if (const auto* summary = metadata->get("summary")) facts.summary = beginning(*summary, kMostSummary);
}

std::optional<std::uint64_t> locked_size(const lock::LockedPackage& package, const std::optional<pep::Target>& target) {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> best;
  for (const auto& wheel : package.wheels) {
    if (!target || !target->tags) {
      if (wheel.size_bytes) size = std::max(size.value_or(0), *wheel.size_bytes);
      continue;
    }
    const auto parts = pep::split_wheel_name(wheel.name);
    const auto rank = parts ? target->tags->rank(parts->interpreters, parts->abis, parts->platforms) : std::nullopt;
    if (!rank || (best && *best <= *rank)) continue;
    best = rank;
    size = wheel.size_bytes;
  }
  if (!size && package.sdist) size = package.sdist->size_bytes;
  if (!size && package.archive) size = package.archive->file.size_bytes;
  return size;
}

// Those of the project's own environment; none where there is none.
std::vector<venv::InstalledDist> installed_beside(Session& session) {
  const auto present = present_project_environment(project_home(session).place, session);
  if (!present) return {};
  auto dists = venv::installed(*present);
  return dists ? std::move(dists).value() : std::vector<venv::InstalledDist>();
}

}  // namespace

std::string license_of(const pep::RawMetadata& metadata) {
  if (const auto* expression = metadata.get("license-expression")) return beginning(*expression, kMostLicense);
  std::vector<std::string> names;
  for (const auto classifier : metadata.get_all("classifier")) {
    if (!classifier.starts_with("License ::")) continue;
    const auto name = trim(classifier.substr(classifier.rfind("::") + 2));
    if (name != "OSI Approved") names.emplace_back(name);
  }
  if (!names.empty()) return beginning(join(names, ", "), kMostLicense);
  const auto* text = metadata.get("license");
  return text == nullptr ? std::string() : beginning(*text, kMostLicense);
}

std::vector<PackageFacts> package_facts(const OpenedGraph& opened, Session& session) {
  const auto& nodes = opened.graph.nodes;
  std::vector<PackageFacts> facts(nodes.size());
  const auto beside = opened.is_lock ? installed_beside(session) : std::vector<venv::InstalledDist>();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& node = nodes[i];
    if (node.kind != GraphNode::Kind::package || !node.source) continue;
    if (!opened.is_lock) {
      const auto& dist = opened.dists[*node.source];
      facts[i].size_bytes = recorded_size(dist);
      describe(dist, facts[i]);
      continue;
    }
    facts[i].size_bytes = locked_size(opened.lock.packages[*node.source], opened.target);
    const auto same = std::ranges::find_if(beside, [&](const venv::InstalledDist& dist) {
      return dist.name == node.name && dist.version == node.parsed_version;
    });
    if (same != beside.end()) describe(*same, facts[i]);
  }
  return facts;
}

}  // namespace pkg::ops
