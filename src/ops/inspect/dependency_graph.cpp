#include "ops/inspect/dependency_graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace pkg::ops {
namespace {

using pep::MarkerAtom;
using pep::MarkerNode;
using pep::MarkerVariable;

bool is_lock_set(const MarkerAtom& atom) {
  return atom.variable == MarkerVariable::extras || atom.variable == MarkerVariable::dependency_groups;
}
bool is_about_selection(const MarkerAtom& atom) { return is_lock_set(atom) || atom.variable == MarkerVariable::extra; }

bool atom_may_hold(const MarkerNode& node, const GraphSelection& selection, std::span<const pep::Name> extras) {
  const auto& atom = node.atom;
  static const pep::Environment kNoEnvironment;
  pep::MarkerContext context{.environment = selection.environment ? *selection.environment : kNoEnvironment,
                             .extras = extras};
  context.is_lock_file = true;
  if (selection.extras) context.lock_extras = *selection.extras;
  if (selection.groups) context.lock_groups = *selection.groups;
  const bool is_open = atom.variable == MarkerVariable::extras              ? !selection.extras.has_value()
                       : atom.variable == MarkerVariable::dependency_groups ? !selection.groups.has_value()
                       : atom.variable == MarkerVariable::extra             ? false
                                                                            : !selection.environment.has_value();
  return is_open || pep::Marker::from_nodes({node}).evaluate(context);
}

// `"x" in extras` and the like that are part of a requirement of the project, as far as they are selected.
void find_conditions(const pep::Requirement& requirement, const GraphSelection& selection, GraphEdge& edge) {
  const GraphSelection bare{selection.environment, std::vector<pep::Name>(), std::vector<pep::Name>(), false};
  if (may_hold(requirement.marker, bare, {})) return;
  for (const auto& node : requirement.marker.nodes()) {
    if (node.kind != MarkerNode::Kind::atom || !is_lock_set(node.atom) || !atom_may_hold(node, selection, {})) continue;
    auto& list = node.atom.variable == MarkerVariable::extras ? edge.via_extras : edge.via_groups;
    auto name = pep::Name::from_normalized(node.atom.literal);
    if (std::ranges::find(list, name) == list.end()) list.push_back(std::move(name));
  }
}

// Fills in via_extras from `extra == "x"`; false: the requirement does not count for any of the package's extras.
bool find_extras(const GraphSelection& selection, std::span<const pep::Name> extras, GraphEdge& edge) {
  const auto& marker = edge.requirement.marker;
  if (may_hold(marker, selection, {})) return true;
  if (!marker.mentions_extra()) return false;
  for (const auto& extra : extras) {
    if (may_hold(marker, selection, std::span(&extra, 1))) edge.via_extras.push_back(extra);
  }
  return !edge.via_extras.empty();
}

// Nodes and edges while they are put together.
class Builder {
 public:
  std::size_t add(GraphNode node) {
    by_name_[node.name].push_back(graph_.nodes.size());
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.size() - 1;
  }
  void connect(GraphEdge edge) {
    if (edge.from == edge.to) return;
    graph_.nodes[edge.from].needs.push_back(graph_.edges.size());
    graph_.nodes[edge.to].needed_by.push_back(graph_.edges.size());
    graph_.edges.push_back(std::move(edge));
  }
  GraphNode& node(std::size_t index) { return graph_.nodes[index]; }
  const GraphNode& node(std::size_t index) const { return graph_.nodes[index]; }
  std::size_t size() const { return graph_.nodes.size(); }
  std::span<const std::size_t> named(const pep::Name& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::span<const std::size_t>() : found->second;
  }

  // `cut`: what no project leads to is no root.
  DependencyGraph finish(bool cut = false) {
    order_edges();
    find_roots(cut);
    return std::move(graph_);
  }

 private:
  void order_edges() {
    const auto kind = [](const GraphEdge& edge) {
      return edge.via_extras.empty() && edge.via_groups.empty() ? 0 : edge.via_groups.empty() ? 1 : 2;
    };
    const auto by_need = [&](std::size_t a, std::size_t b) {
      const auto &left = graph_.edges[a], &right = graph_.edges[b];
      if (kind(left) != kind(right)) return kind(left) < kind(right);
      return std::tie(left.via_extras, left.via_groups, graph_.nodes[left.to].name, left.to, a) <
             std::tie(right.via_extras, right.via_groups, graph_.nodes[right.to].name, right.to, b);
    };
    const auto by_parent = [&](std::size_t a, std::size_t b) {
      const auto left = graph_.edges[a].from, right = graph_.edges[b].from;
      return std::tie(graph_.nodes[left].name, left, a) < std::tie(graph_.nodes[right].name, right, b);
    };
    for (auto& node : graph_.nodes) {
      std::ranges::sort(node.needs, by_need);
      std::ranges::sort(node.needed_by, by_parent);
    }
  }

  void reach(std::size_t start, std::vector<bool>& reached) const {
    std::vector<std::size_t> open{start};
    reached[start] = true;
    while (!open.empty()) {
      const auto at = open.back();
      open.pop_back();
      for (const auto e : graph_.nodes[at].needs) {
        const auto to = graph_.edges[e].to;
        if (!reached[to]) open.push_back(to);
        reached[to] = true;
      }
    }
  }

  void find_roots(bool cut) {
    std::vector<bool> reached(graph_.nodes.size());
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].kind != GraphNode::Kind::project) continue;
      graph_.roots.push_back(i);
      reach(i, reached);
    }
    if (cut) return;
    for (const bool needed_too : {false, true}) {
      for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        if (reached[i] || (!needed_too && !graph_.nodes[i].needed_by.empty())) continue;
        others.push_back(i);
        reach(i, reached);
      }
    }
    std::ranges::sort(others);
    graph_.roots.insert(graph_.roots.end(), others.begin(), others.end());
  }

  DependencyGraph graph_;
  std::map<pep::Name, std::vector<std::size_t>> by_name_;
};

bool accepts(const pep::Requirement& requirement, const GraphNode& node) {
  return !requirement.url.empty() || !node.parsed_version || requirement.specifiers.contains(*node.parsed_version);
}

// Of several versions of one name those that the requirement accepts; all where it accepts none (it was overridden).
std::vector<std::size_t> targets_of(const Builder& builder, const pep::Requirement& requirement) {
  const auto named = builder.named(requirement.name);
  std::vector<std::size_t> accepted;
  for (const auto i : named) {
    if (accepts(requirement, builder.node(i))) accepted.push_back(i);
  }
  if (accepted.empty()) accepted.assign(named.begin(), named.end());
  return accepted;
}

void add_extras(std::vector<pep::Name>& to, std::span<const pep::Name> extras) {
  for (const auto& extra : extras) {
    const auto at = std::ranges::lower_bound(to, extra);
    if (at == to.end() || *at != extra) to.insert(at, extra);
  }
}

void add_locked_packages(const lock::LockFile& lock, const GraphSelection& selection, Builder& builder) {
  for (std::size_t i = 0; i < lock.packages.size(); ++i) {
    const auto& package = lock.packages[i];
    if (!may_hold(package.marker, selection, {})) continue;
    const auto known = builder.named(package.name);
    if (!known.empty() && builder.node(known.front()).kind == GraphNode::Kind::project) {
      builder.node(known.front()).source = i;  // the project itself is locked too: one node
      continue;
    }
    GraphNode node;
    node.name = package.name;
    node.version = package.version ? package.version->to_string() : "";
    node.parsed_version = package.version;
    node.extras = package.extras;
    node.marker = package.marker;
    node.source = i;
    builder.add(std::move(node));
  }
}

void connect_project(std::size_t from, const GraphProject& project, const GraphSelection& selection, Builder& builder) {
  for (const auto& requirement : project.requirements) {
    if (!may_hold(requirement.marker, selection, {})) continue;
    for (const auto to : targets_of(builder, requirement)) {
      GraphEdge edge{.from = from, .to = to, .requirement = requirement};
      find_conditions(requirement, selection, edge);
      if (selection.only_groups && edge.via_groups.empty()) continue;
      builder.connect(std::move(edge));
    }
  }
}

void connect_locked(std::size_t from, const lock::LockedPackage& package, const GraphSelection& selection,
                    Builder& builder) {
  for (const auto& dependency : package.dependencies) {
    GraphEdge edge{.from = from, .is_stated = false};
    edge.requirement.name = dependency.name;
    edge.requirement.name_as_written = dependency.name.str();
    edge.requirement.extras = dependency.extras;
    edge.requirement.marker = dependency.marker;
    if (!find_extras(selection, builder.node(from).extras, edge)) continue;
    for (const auto to : builder.named(dependency.name)) {
      if (dependency.version && builder.node(to).parsed_version &&
          *dependency.version != *builder.node(to).parsed_version)
        continue;
      edge.to = to;
      builder.connect(edge);
    }
  }
}

// The extras that installed distributions ask of each other, followed until no more are found.
void find_installed_extras(venv::InstalledSet& installed, const GraphSelection& selection, Builder& builder) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < builder.size(); ++i) open.push_back(i);
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    const auto metadata = installed.metadata(installed.all()[at]);
    if (!metadata) continue;
    for (const auto& requirement : (*metadata)->requires_dist) {
      const auto named = builder.named(requirement.name);
      GraphEdge edge{.from = at, .requirement = requirement};
      if (named.empty() || requirement.extras.empty() || !find_extras(selection, builder.node(at).extras, edge))
        continue;
      auto& extras = builder.node(named.front()).extras;
      const auto before = extras.size();
      add_extras(extras, requirement.extras);
      if (extras.size() > before) open.push_back(named.front());
    }
  }
}

void connect_installed(std::size_t from, const pep::Metadata& metadata, const GraphSelection& selection,
                       Builder& builder) {
  for (const auto& requirement : metadata.requires_dist) {
    GraphEdge edge{.from = from, .requirement = requirement};
    if (!find_extras(selection, builder.node(from).extras, edge)) continue;
    if (builder.named(requirement.name).empty()) {
      GraphNode missing;
      missing.kind = GraphNode::Kind::missing;
      missing.name = requirement.name;
      builder.add(std::move(missing));
    }
    edge.to = builder.named(requirement.name).front();
    builder.connect(std::move(edge));
  }
}

}  // namespace

std::vector<std::size_t> DependencyGraph::find(const pep::Name& name) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name == name) found.push_back(i);
  }
  return found;
}

DependencyGraph graph_of(const lock::LockFile& lock, const GraphSelection& selection,
                         std::span<const GraphProject> projects) {
  Builder builder;
  for (const auto& project : projects) {
    GraphNode node;
    node.kind = GraphNode::Kind::project;
    node.name = project.name;
    node.version = project.version;
    builder.add(std::move(node));
  }
  add_locked_packages(lock, selection, builder);
  for (std::size_t i = projects.size(); i < builder.size(); ++i) {
    for (const auto& dependency : lock.packages[*builder.node(i).source].dependencies) {
      for (const auto to : builder.named(dependency.name)) {
        if (lock.tool.version == 0)
          add_extras(builder.node(to).extras, dependency.extras);  // other tools' locks do not tell them
      }
    }
  }
  for (std::size_t i = 0; i < projects.size(); ++i) connect_project(i, projects[i], selection, builder);
  for (std::size_t i = projects.size(); i < builder.size(); ++i) {
    connect_locked(i, lock.packages[*builder.node(i).source], selection, builder);
  }
  return builder.finish(selection.only_groups && !projects.empty());
}

DependencyGraph graph_of(venv::InstalledSet& installed, const pep::Target& target) {
  GraphSelection selection;
  selection.environment = target.environment;
  Builder builder;
  const auto dists = installed.all();
  for (std::size_t i = 0; i < dists.size(); ++i) {
    GraphNode node;
    node.name = dists[i].name;
    node.version = dists[i].version_as_written;
    node.parsed_version = dists[i].version;
    node.requested = venv::is_requested(dists[i]);
    node.source = i;
    builder.add(std::move(node));
  }
  find_installed_extras(installed, selection, builder);
  for (std::size_t i = 0; i < dists.size(); ++i) {
    if (const auto metadata = installed.metadata(dists[i])) connect_installed(i, **metadata, selection, builder);
  }
  return builder.finish();
}

void state_requirements(DependencyGraph& graph, std::size_t node, const pep::RequirementList& requires_dist,
                        const GraphSelection& selection) {
  const auto outgoing = graph.nodes[node].needs;
  for (const auto e : outgoing) {
    if (graph.edges[e].is_stated) continue;
    const GraphEdge bare = graph.edges[e];
    bool is_first = true;
    for (const auto& requirement : requires_dist) {
      GraphEdge stated{.from = node, .to = bare.to, .requirement = requirement};
      if (requirement.name != bare.requirement.name || !accepts(requirement, graph.nodes[bare.to])) continue;
      if (!find_extras(selection, graph.nodes[node].extras, stated)) continue;
      if (is_first) {
        graph.edges[e] = std::move(stated);
      } else {
        graph.nodes[node].needs.push_back(graph.edges.size());
        graph.nodes[bare.to].needed_by.push_back(graph.edges.size());
        graph.edges.push_back(std::move(stated));
      }
      is_first = false;
    }
  }
}

bool may_hold(const pep::Marker& marker, const GraphSelection& selection, std::span<const pep::Name> extras) {
  const auto nodes = marker.nodes();
  std::vector<bool> values(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto holds = [&](std::uint32_t child) { return values[child]; };
    values[i] = nodes[i].kind == MarkerNode::Kind::atom  ? atom_may_hold(nodes[i], selection, extras)
                : nodes[i].kind == MarkerNode::Kind::all ? std::ranges::all_of(nodes[i].children, holds)
                                                         : std::ranges::any_of(nodes[i].children, holds);
  }
  return values.empty() || values.back();
}

pep::Marker environment_part(const pep::Marker& marker) {
  const auto nodes = marker.nodes();
  if (nodes.empty()) return marker;
  const auto is_selection = [&](std::uint32_t child) {
    return nodes[child].kind == MarkerNode::Kind::atom && is_about_selection(nodes[child].atom);
  };
  const auto& root = nodes.back();
  if (root.kind == MarkerNode::Kind::atom) return is_about_selection(root.atom) ? pep::Marker() : marker;
  if (root.kind == MarkerNode::Kind::any) {
    return std::ranges::all_of(root.children, is_selection) ? pep::Marker() : marker;
  }
  auto children = root.children;
  std::erase_if(children, is_selection);
  if (children.empty()) return {};
  if (children.size() == 1) return pep::Marker::from_nodes({nodes.begin(), nodes.begin() + children.front() + 1});
  std::vector<MarkerNode> kept(nodes.begin(), nodes.end());
  kept.back().children = std::move(children);
  return pep::Marker::from_nodes(std::move(kept));
}

}  // namespace pkg::ops
