#include "ops/migrate/from_setup.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "ops/migrate/import_values.h"
#include "ops/migrate/setup_cfg.h"

namespace pkg::ops {
namespace {

// "file: README.md, CHANGES.md" and "attr: pkg.__version__".
struct Directive {
  std::string kind, value;  // kind: "file", "attr"; empty: the value is as it stands
};
Directive directive_of(std::string_view value) {
  for (const auto* kind : {"file", "attr"}) {
    if (value.starts_with(cat(kind, ':'))) return {kind, std::string(trim(value.substr(5)))};
  }
  return {{}, std::string(value)};
}

std::string directive_table(const Directive& directive) {
  if (directive.kind == "attr") return cat("{ attr = ", toml::quote_string(directive.value), " }");
  return cat("{ file = ", toml_array(cfg_list(directive.value, ',')), " }");
}

// ---- setup.cfg

class Setup {
 public:
  Setup(const SetupCfg& cfg, const std::string& file, const std::filesystem::path& folder)
      : cfg_(cfg), file_(file), folder_(folder) {
    project_.tool = "setuptools";
    project_.manifest = file;
    project_.files.push_back(file);
  }

  ImportedProject read() {
    if (const auto* metadata = cfg_.section("metadata")) read_metadata(*metadata);
    if (const auto* options = cfg_.section("options")) read_options(*options);
    if (const auto* extras = cfg_.section("options.extras_require")) read_extras(*extras);
    if (const auto* entry_points = cfg_.section("options.entry_points")) read_entry_points(*entry_points);
    if (!dynamic_.empty())
      project_.tables.emplace_back(std::vector<std::string>{"tool", "setuptools", "dynamic"}, std::move(dynamic_));
    finish();
    return std::move(project_);
  }

 private:
  Origin origin(const CfgEntry& entry) const { return {.file = file_, .what = {}, .line = entry.line}; }

  void make_dynamic(const std::string& field, const Directive& directive) {
    project_.dynamic.push_back(field);
    dynamic_.emplace_back(field, directive_table(directive));
  }

  void copy_text(const CfgSection& section, std::string_view key, std::string_view as) {
    const auto* entry = section.get(key);
    if (entry == nullptr || entry->value.empty()) return;
    const auto directive = directive_of(entry->value);
    if (directive.kind.empty())
      project_.metadata.emplace_back(as, toml::quote_string(entry->value));
    else
      make_dynamic(std::string(as), directive);
  }

  void copy_people(const CfgSection& section, const std::string& key, std::string_view as) {
    const auto* name = section.get(key);
    const auto* email = section.get(key + "_email");
    const auto table = person(name == nullptr ? "" : name->value, email == nullptr ? "" : email->value);
    if (!table.empty()) project_.metadata.emplace_back(as, cat('[', table, ']'));
  }

  void copy_list(const CfgSection& section, std::string_view key) {
    const auto* entry = section.get(key);
    if (entry == nullptr) return;
    const auto directive = directive_of(entry->value);
    const auto items = cfg_list(entry->value, ',');
    if (!directive.kind.empty())
      make_dynamic(std::string(key), directive);
    else if (!items.empty())
      project_.metadata.emplace_back(key, toml_array(items));
  }

  void read_readme(const CfgSection& section) {
    const auto* entry = section.get("long_description");
    if (entry == nullptr) return;
    const auto directive = directive_of(entry->value);
    const auto files = cfg_list(directive.value, ',');
    if (directive.kind == "file" && files.size() == 1)
      project_.metadata.emplace_back("readme", toml::quote_string(files.front()));
    else if (!directive.kind.empty())
      make_dynamic("readme", directive);
    else
      project_.note("`long_description` is not carried: `readme` of [project] names a file", origin(*entry));
  }

  void add_url(const CfgSection& section, std::string_view key, std::string_view label) {
    const auto* entry = section.get(key);
    if (entry != nullptr && !entry->value.empty()) project_.urls.emplace_back(label, toml::quote_string(entry->value));
  }

  void read_metadata(const CfgSection& section) {
    if (const auto* name = section.get("name")) project_.name = name->value;
    copy_text(section, "version", "version");
    copy_text(section, "description", "description");
    read_readme(section);
    if (const auto* license = section.get("license"); license != nullptr && !license->value.empty()) {
      if (directive_of(license->value).kind.empty())
        project_.metadata.emplace_back("license", cat("{ text = ", toml::quote_string(license->value), " }"));
      else
        project_.note("`license` is not carried: it is the text of a file", origin(*license));
    }
    copy_people(section, "author", "authors");
    copy_people(section, "maintainer", "maintainers");
    copy_list(section, "keywords");
    copy_list(section, "classifiers");
    add_url(section, "url", "Homepage");
    add_url(section, "download_url", "Download");
    if (const auto* urls = section.get("project_urls"))
      for (const auto& [label, url] : cfg_pairs(urls->value))
        project_.urls.emplace_back(label, toml::quote_string(url));
  }

  // Requirements of setup.cfg; a comment behind one is not its own.
  std::vector<pep::Requirement> requirements(const CfgEntry& entry) {
    std::vector<pep::Requirement> list;
    const bool is_one = entry.value.find('\n') == std::string::npos && pep::Requirement::parse(entry.value).ok();
    for (const auto& text : is_one ? std::vector{entry.value} : cfg_list(entry.value, ';')) {
      auto requirement = pep::Requirement::parse(trim(std::string_view(text).substr(0, text.find(" #"))));
      if (!requirement) {
        project_.note(cat(quote(text), " is not carried: it is no requirement"), origin(entry));
        continue;
      }
      requirement->origin = origin(entry);
      list.push_back(std::move(requirement).value());
    }
    return list;
  }

  void read_options(const CfgSection& section) {
    if (const auto* python = section.get("python_requires")) {
      if (pep::SpecifierSet::try_parse(python->value))
        project_.metadata.emplace_back("requires-python", toml::quote_string(python->value));
      else
        project_.note(cat("`python_requires` is not carried: ", quote(python->value), " is no version specifier"),
                      origin(*python));
    }
    if (const auto* requires_ = section.get("install_requires")) {
      const auto directive = directive_of(requires_->value);
      if (directive.kind == "file")
        make_dynamic("dependencies", directive);
      else
        project_.dependencies = requirements(*requires_);
    }
    if (const auto* more = section.get("setup_requires"))
      for (const auto& requirement : requirements(*more)) build_.push_back(pep::to_string(requirement));
    if (const auto* tests = section.get("tests_require")) project_.groups.push_back({"test", requirements(*tests), {}});
    if (const auto* links = section.get("dependency_links"))
      project_.note("`dependency_links` is not carried: no installer reads it any more", origin(*links));
    if (const auto* entry_points = section.get("entry_points"); entry_points != nullptr)
      project_.note("`entry_points` of [options] is not carried: name them in [options.entry_points]",
                    origin(*entry_points));
  }

  void read_extras(const CfgSection& section) {
    for (const auto& entry : section.entries) {
      if (!directive_of(entry.value).kind.empty()) {
        project_.note(cat("the extra ", quote(entry.key), " is not carried: it is in a file"), origin(entry));
        continue;
      }
      if (!pep::is_valid_name(entry.key)) {
        project_.note(cat("the extra ", quote(entry.key), " is not carried: that is no name for one"), origin(entry));
        continue;
      }
      project_.extras.push_back({entry.key, requirements(entry), {}});
    }
  }

  void read_entry_points(const CfgSection& section) {
    for (const auto& entry : section.entries) {
      TomlEntries found;
      for (const auto& [name, object] : cfg_pairs(entry.value)) found.emplace_back(name, toml::quote_string(object));
      if (entry.key == "console_scripts")
        project_.scripts = std::move(found);
      else if (entry.key == "gui_scripts")
        project_.gui_scripts = std::move(found);
      else if (!found.empty())
        project_.entry_points.emplace_back(entry.key, std::move(found));
    }
  }

  void finish() {
    const bool has_setup_py = fs::exists(folder_ / "setup.py");
    build_.insert(build_.begin(), "setuptools>=61");
    project_.build_system.emplace_back("requires", toml_array(build_));
    if (!has_setup_py) project_.build_system.emplace_back("build-backend", "\"setuptools.build_meta\"");
    const bool has_version =
        std::ranges::any_of(project_.metadata, [](const auto& one) { return one.first == "version"; });
    if (!has_version && std::ranges::find(project_.dynamic, "version") == project_.dynamic.end())
      project_.dynamic.emplace_back("version");
    project_.note(cat("[options] of ", quote(file_),
                      " stays: setuptools reads there what it builds; [metadata] and the "
                      "requirements count no more"));
    if (has_setup_py)
      project_.note(
          "`setup.py` was not asked: what it alone says of dependencies counts no more; `pkg import setup.py` "
          "asks it");
  }

  const SetupCfg& cfg_;
  const std::string& file_;
  const std::filesystem::path& folder_;
  ImportedProject project_;
  TomlEntries dynamic_;
  std::vector<std::string> build_;
};

// ---- setup.py

// The nodes of `from` below and with `root`, children before their parents.
void copy_nodes(std::span<const pep::MarkerNode> from, std::uint32_t root, std::vector<pep::MarkerNode>& to) {
  std::vector<std::uint32_t> place(from.size());
  std::vector<bool> is_wanted(from.size());
  is_wanted[root] = true;
  for (auto i = static_cast<std::ptrdiff_t>(root); i >= 0; --i)
    if (is_wanted[static_cast<std::size_t>(i)])
      for (const auto child : from[static_cast<std::size_t>(i)].children) is_wanted[child] = true;
  for (std::size_t i = 0; i <= root; ++i) {
    if (!is_wanted[i]) continue;
    auto node = from[i];
    for (auto& child : node.children) child = place[child];
    place[i] = static_cast<std::uint32_t>(to.size());
    to.push_back(std::move(node));
  }
}

bool is_extra(const pep::MarkerNode& node) {
  return node.kind == pep::MarkerNode::Kind::atom && node.atom.variable == pep::MarkerVariable::extra &&
         node.atom.op == pep::MarkerOperator::equal && node.atom.sides == pep::MarkerAtom::Sides::variable_and_literal;
}

// Takes `extra == "x"` out of a marker that holds it beside other conditions. nullopt: it says something else of
// extras.
struct OfExtra {
  std::string extra;  // empty: of none
  pep::Marker marker;
};
std::optional<OfExtra> split_extra(const pep::Marker& marker) {
  if (!marker.mentions_extra()) return OfExtra{{}, marker};
  const auto nodes = marker.nodes();
  const auto& root = nodes.back();
  if (is_extra(root)) return OfExtra{root.atom.literal, {}};
  if (root.kind != pep::MarkerNode::Kind::all) return std::nullopt;
  OfExtra found;
  for (const auto child : root.children) {
    if (is_extra(nodes[child]) && found.extra.empty()) {
      found.extra = nodes[child].atom.literal;
      continue;
    }
    std::vector<pep::MarkerNode> part;
    copy_nodes(nodes, child, part);
    found.marker = pep::both(found.marker, pep::Marker::from_nodes(std::move(part)));
  }
  if (found.extra.empty() || found.marker.mentions_extra()) return std::nullopt;
  return found;
}

bool is_word_char(char c) { return is_ascii_alnum(c) || c == '_'; }

// `word=` somewhere in the text, as an argument of setup() is.
bool sets(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (at > 0 && is_word_char(text[at - 1])) continue;
    auto end = at + word.size();
    while (end < text.size() && text[end] == ' ') ++end;
    if (end + 1 < text.size() && text[end] == '=' && text[end + 1] != '=') return true;
  }
  return false;
}

void take_requirements(const pep::Metadata& metadata, ImportedProject& project) {
  for (const auto& extra : metadata.provides_extra) project.extras.push_back({extra.str(), {}, {}});
  for (auto requirement : metadata.requires_dist) {
    auto split = split_extra(requirement.marker);
    const auto list = split && !split->extra.empty()
                          ? std::ranges::find(project.extras, split->extra, &ImportedList::name)
                          : project.extras.end();
    if (!split || (!split->extra.empty() && list == project.extras.end())) {
      project.note(cat(quote(requirement.to_string()), " is not carried: its extra is not plain"));
      continue;
    }
    requirement.marker = std::move(split->marker);
    auto& into = split->extra.empty() ? project.dependencies : list->requirements;
    if (std::ranges::find(into, requirement) == into.end()) into.push_back(std::move(requirement));
  }
}

}  // namespace

Result<ImportedProject> import_setup_cfg(std::string_view text, const std::string& file_name,
                                         const std::filesystem::path& folder) {
  PKG_TRY_ASSIGN(const auto cfg, SetupCfg::parse(text, file_name));
  return Setup(cfg, file_name, folder).read();
}

Result<ImportedProject> import_setup_py(std::string_view text, const std::string& file_name,
                                        const std::filesystem::path& folder, SourceBuilder& builds) {
  PKG_TRY_ASSIGN(const auto source, builds.source(url::path_to_file_url(folder.native()), false));
  if (!source.metadata) return make_error(ErrorKind::build, cat("the backend gave no metadata of ", quote(file_name)));
  const auto& metadata = *source.metadata;
  ImportedProject project;
  project.tool = "setuptools";
  project.manifest = file_name;
  project.files.push_back(file_name);
  project.name = metadata.name_text.empty() ? metadata.name.str() : metadata.name_text;
  project.metadata.emplace_back("version", toml::quote_string(metadata.version_text));
  if (metadata.has_requires_python)
    project.metadata.emplace_back("requires-python", toml::quote_string(metadata.requires_python_text));
  take_requirements(metadata, project);
  // Of these the backend's metadata says nothing that pkg keeps: setuptools goes on reading them here.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kStaying{{{"description", "description"},
                                                                                   {"long_description", "readme"},
                                                                                   {"author", "authors"},
                                                                                   {"maintainer", "maintainers"},
                                                                                   {"license", "license"},
                                                                                   {"keywords", "keywords"},
                                                                                   {"classifiers", "classifiers"},
                                                                                   {"project_urls", "urls"}}};
  for (const auto& [word, field] : kStaying)
    if (sets(text, word)) project.dynamic.emplace_back(field);
  if (text.find("entry_points") != std::string_view::npos) {
    for (const auto* field : {"scripts", "gui-scripts", "entry-points"}) project.dynamic.emplace_back(field);
  }
  // Without a backend's name it is built as before: setup.py may import what lies beside it.
  project.build_system.emplace_back("requires", toml_array({"setuptools>=61"}));
  project.note(cat(quote(file_name), " stays: the project is built with it",
                   project.dynamic.empty()
                       ? std::string()
                       : cat(", and it still gives what `dynamic` names: ", join(project.dynamic, ", "))));
  return project;
}

}  // namespace pkg::ops
