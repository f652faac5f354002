#include "ops/inspect/held_back.h"
#include "ops/project/policy_settings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "ops/project/project_sources.h"
#include "ops/solve/solve.h"
#include "resolver/parent_rules.h"

namespace pkg::ops {
namespace {

using Verdict = ReleaseFit::Verdict;

Hold::Kind kind_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::requires_python:
      return Hold::Kind::requires_python;
    case Verdict::other_platform:
      return Hold::Kind::platform;
    case Verdict::exclude_newer:
      return Hold::Kind::exclude_newer;
    case Verdict::yanked:
      return Hold::Kind::yanked;
    case Verdict::prerelease:
      return Hold::Kind::prerelease;
    case Verdict::no_file:
    case Verdict::fits:
      break;
  }
  return Hold::Kind::no_file;
}

// Pre-releases and yanked releases are nothing that one waits for.
bool is_final(const NewerReleases::Excluded& excluded) {
  return !excluded.version.is_prerelease() && excluded.fit.verdict != Verdict::yanked;
}

bool comes_from_index(const OpenedGraph& opened, const GraphNode& node) {
  if (node.kind != GraphNode::Kind::package || !node.source || !node.parsed_version) return false;
  if (!opened.is_lock) return !venv::read_direct_url(opened.dists[*node.source]);
  const auto& package = opened.lock.packages[*node.source];
  return !package.vcs && !package.directory && !package.archive;
}

std::string spelled(const pep::Requirement& requirement) {
  auto bare = requirement;
  bare.marker = {};
  return bare.to_string();
}

bool excludes(const pep::Requirement& requirement, const pep::Version& version) {
  return !requirement.url.empty() || !requirement.specifiers.contains(version);
}

// What the project's settings say about the name: its overrides stand in for every requirement.
bool add_overrides(const OpenedGraph& opened, const GraphNode& node, const pep::Version& latest,
                   std::vector<Hold>& holds) {
  if (!opened.project) return false;
  bool is_overridden = false;
  for (const auto& requirement : opened.project->settings.overrides) {
    if (requirement.name != node.name || !may_hold(requirement.marker, opened.selection, {})) continue;
    is_overridden = true;
    if (excludes(requirement, latest))
      holds.push_back({Hold::Kind::override_, latest.to_string(), {}, spelled(requirement), requirement.origin});
  }
  return is_overridden;
}

void add_constraints(const OpenedGraph& opened, const GraphNode& node, const pep::Version& latest,
                     std::vector<Hold>& holds) {
  if (!opened.project) return;
  for (const auto& requirement : opened.project->settings.constraints) {
    if (requirement.name != node.name || !may_hold(requirement.marker, opened.selection, {}) ||
        !excludes(requirement, latest))
      continue;
    holds.push_back({Hold::Kind::constraint, latest.to_string(), {}, spelled(requirement), requirement.origin});
  }
}

// What the edge's parent asks for, as the project's rules for that parent have it.
std::vector<pep::Requirement> asked_by(const OpenedGraph& opened, const GraphNode& parent, const GraphEdge& edge) {
  std::vector<pep::Requirement> asked;
  if (!opened.project || parent.kind == GraphNode::Kind::project) {
    asked.push_back(edge.requirement);
  } else {
    const auto* version = parent.parsed_version ? &*parent.parsed_version : nullptr;
    resolver::RulesOfParent(opened.project->settings.parent_rules, parent.name, version).take(edge.requirement, asked);
  }
  if (!edge.is_stated) std::erase_if(asked, [](const pep::Requirement& one) { return !one.is_override; });
  return asked;
}

void add_requirements(const OpenedGraph& opened, const GraphNode& node, const pep::Version& latest,
                      std::vector<Hold>& holds) {
  for (const auto e : node.needed_by) {
    const auto& edge = opened.graph.edges[e];
    const auto& parent = opened.graph.nodes[edge.from];
    const bool is_project = parent.kind == GraphNode::Kind::project;
    for (const auto& requirement : asked_by(opened, parent, edge)) {
      if (!excludes(requirement, latest)) continue;
      holds.push_back(
          {requirement.is_override ? Hold::Kind::override_ : Hold::Kind::requirement, latest.to_string(),
           is_project || parent.version.empty() ? parent.name.str() : cat(parent.name.str(), " ", parent.version),
           spelled(requirement), requirement.origin});
    }
  }
}

std::vector<Hold> holds_of(const OpenedGraph& opened, const GraphNode& node, const NewerReleases& newer) {
  std::vector<Hold> holds;
  if (newer.latest) {
    if (!add_overrides(opened, node, *newer.latest, holds)) add_requirements(opened, node, *newer.latest, holds);
    add_constraints(opened, node, *newer.latest, holds);
  }
  for (const auto& excluded : newer.excluded) {
    holds.push_back({kind_of(excluded.fit.verdict), excluded.version.to_string(), {}, excluded.fit.detail, {}});
  }
  return holds;
}

// Children of projects; in an environment the roots and what was asked for.
std::set<std::size_t> direct_nodes(const OpenedGraph& opened) {
  const auto& graph = opened.graph;
  std::set<std::size_t> direct;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].requested) direct.insert(i);
  }
  for (const auto root : graph.roots) {
    if (graph.nodes[root].kind != GraphNode::Kind::project) direct.insert(root);
    if (graph.nodes[root].kind != GraphNode::Kind::project) continue;
    for (const auto e : graph.nodes[root].needs) direct.insert(graph.edges[e].to);
  }
  return direct;
}

std::vector<std::size_t> parents_of_outdated(const OpenedGraph& opened,
                                             const std::vector<std::pair<std::size_t, NewerReleases>>& newer) {
  std::set<std::size_t> parents;
  for (const auto& [node, releases] : newer) {
    if (!releases.latest) continue;
    for (const auto e : opened.graph.nodes[node].needed_by) parents.insert(opened.graph.edges[e].from);
  }
  return {parents.begin(), parents.end()};
}

}  // namespace

std::string Hold::to_string() const {
  const auto place = origin.file.empty() ? std::string() : cat(" (", origin.to_string(), ")");
  switch (kind) {
    case Kind::requirement:
      return cat(who, " needs ", text, place);
    case Kind::constraint:
      return cat("constraint ", text, place);
    case Kind::override_:
      return cat("override ", text, place);
    case Kind::requires_python:
      return cat(version, " needs Python ", text);
    case Kind::platform:
      return cat(version, " has no wheel for this platform");
    case Kind::exclude_newer:
      return cat(version, " is newer than the cut-off");
    case Kind::prerelease:
      return cat(version, " is a pre-release");
    case Kind::yanked:
      return cat(version, " was yanked", text.empty() ? "" : ": ", text);
    case Kind::no_file:
      return cat(version, " has no file that may be used");
  }
  return {};
}

Result<NewerReleases> newer_releases(const index::Project& project, const pep::Version& current,
                                     const pep::Target* target, resolver::Policy policy) {
  if (current.is_prerelease()) {
    policy.prereleases = resolver::Prereleases::allow;
    policy.prereleases_of.clear();
  }
  NewerReleases newer;
  const auto releases = project.releases();
  for (std::size_t i = 0; i < releases.size() && releases[i].version > current; ++i) {
    PKG_TRY_ASSIGN(const auto files, project.files(i));
    auto fit = fit_of(releases[i].version, files, target, policy);
    if (fit.verdict == Verdict::fits) {
      newer.latest = releases[i].version;
      newer.kind = fit.kind;
      break;
    }
    const auto is_known = [&](const NewerReleases::Excluded& other) { return other.fit.verdict == fit.verdict; };
    if (std::ranges::none_of(newer.excluded, is_known)) newer.excluded.push_back({releases[i].version, std::move(fit)});
  }
  return newer;
}

namespace {

// Which index a project comes from: by the first rule that holds for the target, else by the first at all.
const resolver::IndexRule* rule_for(const pep::Name& name, std::span<const resolver::IndexRule> rules,
                                    const std::optional<pep::Target>& target) {
  const resolver::IndexRule* first = nullptr;
  for (const auto& rule : rules) {
    if (rule.name != name) continue;
    if (target && rule.where.evaluate({.environment = target->environment, .is_lock_file = true})) return &rule;
    if (first == nullptr) first = &rule;
  }
  return first;
}

}  // namespace

Result<std::vector<std::pair<std::size_t, NewerReleases>>> newer_releases(const OpenedGraph& opened,
                                                                          const resolver::Policy& policy,
                                                                          Session& given) {
  auto own_policy = policy;
  auto* session = &given;
  std::vector<std::size_t> nodes;
  std::vector<pep::Name> names;
  std::vector<resolver::IndexRule> rules;
  for (std::size_t i = 0; i < opened.graph.nodes.size(); ++i) {
    if (!comes_from_index(opened, opened.graph.nodes[i])) continue;
    nodes.push_back(i);
    names.push_back(opened.graph.nodes[i].name);
  }
  if (opened.project) {
    PKG_TRY_ASSIGN(const auto indexes, index_sources(*opened.project));
    PKG_TRY_ASSIGN(const auto settings, bind_indexes(indexes, given.settings()));
    rules = rules_by_environment(indexes);
    session = &given.with(settings, given.build_options());
    PKG_TRY(apply_policy_settings(opened.project->settings, given.now(), own_policy));
  }
  PKG_TRY(add_index_cut_offs(session->settings(), own_policy));
  PKG_TRY_ASSIGN(auto* index, session->index());
  index->confirm_pages(names);  // what is the newest is not told from memory
  std::erase_if(names, [&](const pep::Name& name) { return rule_for(name, rules, opened.target) != nullptr; });
  index->want_projects(names);
  std::vector<std::pair<std::size_t, NewerReleases>> result;
  for (const auto i : nodes) {
    const auto& node = opened.graph.nodes[i];
    const auto* rule = rule_for(node.name, rules, opened.target);
    PKG_TRY_ASSIGN(const auto project, index->project(node.name, rule == nullptr ? std::string() : rule->index));
    if (!project->found()) continue;
    PKG_TRY_ASSIGN(auto newer, newer_releases(*project, *node.parsed_version, opened.target ? &*opened.target : nullptr,
                                              own_policy));
    result.emplace_back(i, std::move(newer));
  }
  return result;
}

Result<HeldBackReport> held_back(const HeldBackOptions& options, Session& session) {
  auto graph_options = options.graph;
  graph_options.selection.all_extras = graph_options.selection.all_groups = true;  // all of them were locked together
  PKG_TRY_ASSIGN(auto opened, open_graph(graph_options, session));
  PKG_TRY_ASSIGN(const auto newer, newer_releases(opened, options.policy, session));
  HeldBackReport report;
  report.is_lock = opened.is_lock;
  report.path = opened.path;
  report.checked = newer.size();
  report.unreadable = state_requirements(opened, parents_of_outdated(opened, newer), session);
  const auto direct = direct_nodes(opened);
  for (const auto& [i, releases] : newer) {
    const auto& node = opened.graph.nodes[i];
    const auto newest = std::ranges::find_if(releases.excluded, is_final);
    if (!releases.latest && newest == releases.excluded.end()) continue;
    HeldBackDist dist;
    dist.is_direct = direct.contains(i);
    if (options.direct_only && !dist.is_direct) continue;
    dist.name = node.name;
    dist.version = node.version;
    dist.latest = releases.latest ? releases.latest->to_string() : node.version;
    if (newest != releases.excluded.end()) dist.newest = newest->version.to_string();
    if (releases.latest) dist.type = releases.kind == pep::DistKind::wheel ? "wheel" : "sdist";
    dist.holds = holds_of(opened, node, releases);
    report.dists.push_back(std::move(dist));
  }
  return report;
}

}  // namespace pkg::ops
