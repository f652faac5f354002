#include "support/lock_question.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace pkg::test {

namespace {

pep::Name name_of(std::string_view text) { return pep::Name::from_normalized(pep::normalize_name(text)); }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<resolver::Problem> read() {
    problem_.universe.emplace();
    while (trim(text_).starts_with("--")) PKG_TRY(option(word()));
    while (!(text_ = trim(text_)).empty()) {
      const std::size_t comma = text_.find(", ");
      PKG_TRY(add(problem_.requirements, trim(text_.substr(0, comma)), Origin::command_line()));
      text_ = comma == std::string_view::npos ? std::string_view() : text_.substr(comma + 2);
    }
    return std::move(problem_);
  }

 private:
  // Up to a space, or what is in braces.
  std::string_view word() {
    text_ = trim(text_);
    const bool is_braced = text_.starts_with('{');
    const std::size_t end = std::min(text_.find(is_braced ? '}' : ' '), text_.size());
    const std::string_view taken = is_braced ? text_.substr(1, end - 1) : text_.substr(0, end);
    text_.remove_prefix(std::min(end + (is_braced ? 1 : 0), text_.size()));
    return taken;
  }

  static Status add(std::vector<pep::Requirement>& list, std::string_view text, Origin origin) {
    PKG_TRY_ASSIGN(auto parsed, pep::Requirement::parse(text));
    parsed.origin = std::move(origin);
    list.push_back(std::move(parsed));
    return ok_status();
  }

  Status option(std::string_view option) {
    resolver::Universe& universe = *problem_.universe;
    resolver::Policy& policy = problem_.policy;
    if (option == "--python") {
      PKG_TRY_ASSIGN(universe.requires_python, pep::SpecifierSet::parse(word()));
    } else if (option == "--strict-python") {
      universe.strict_requires_python = true;
    } else if (option == "--environment") {
      PKG_TRY_ASSIGN(auto marker, pep::Marker::parse(word()));
      universe.environments.push_back(std::move(marker));
    } else if (option == "--required") {
      resolver::RequiredEnvironment required;
      required.name = std::string(word());
      PKG_TRY_ASSIGN(required.marker, pep::Marker::parse(word()));
      const std::string tags(word());
      if (tags != "-")
        for (const std::string_view tag : split(tags, ',')) required.platforms.emplace_back(tag);
      universe.required.push_back(std::move(required));
    } else if (option == "--conflict") {
      auto& set = universe.conflicts.emplace_back();
      const std::string items(word());
      for (const std::string_view item : split(items, ','))
        set.push_back({.is_group = item.starts_with("group:"), .name = name_of(item.substr(6))});
    } else if (option == "--fewest") {
      universe.fewest_versions = true;
    } else if (option == "--lowest") {
      policy.order = resolver::Order::lowest;
    } else if (option == "--lowest-direct") {
      policy.order = resolver::Order::lowest_direct;
    } else if (option == "--no-pre") {
      policy.prereleases = resolver::Prereleases::disallow;
    } else if (option == "--only-binary") {
      policy.format.only_binary.insert(name_of(word()));
    } else if (option == "--constraint") {
      PKG_TRY(add(problem_.constraints, word(), Origin{.file = "constraints.txt", .line = 1}));
    } else if (option == "--index") {  // {NAME=INDEX ; MARKER}
      const std::string_view rule = word();
      const std::size_t equals = rule.find('='), semicolon = rule.find(';');
      pep::Marker where;
      if (semicolon != std::string_view::npos) {
        PKG_TRY_ASSIGN(where, pep::Marker::parse(trim(rule.substr(semicolon + 1))));
      }
      const auto index = trim(rule.substr(equals + 1, std::min(semicolon, rule.size()) - equals - 1));
      problem_.index_rules.push_back({name_of(rule.substr(0, equals)), std::string(index), std::move(where)});
    } else if (option == "--override") {
      PKG_TRY(add(problem_.overrides, word(), Origin{.file = "overrides.txt", .line = 1}));
    } else if (option == "--override-of" || option == "--exclude-of") {  // {PARENT : REQUIREMENT}, {PARENT : NAME}
      PKG_TRY_ASSIGN(auto rule, parent_rule(word(), option == "--override-of"));
      problem_.parent_rules.push_back(std::move(rule));
    } else if (option == "--exclude") {
      problem_.excludes.push_back(name_of(word()));
    } else if (option == "--before") {
      policy.exclude_newer = time::parse_rfc3339(word());
    } else if (option == "--prefer") {
      const std::string_view pin = word();
      const std::size_t equals = pin.find("==");
      PKG_TRY_ASSIGN(auto version, pep::Version::parse(pin.substr(equals + 2)));
      problem_.preferences.push_back({.name = name_of(pin.substr(0, equals)), .version = std::move(version)});
    } else {
      return make_error(ErrorKind::bad_data, cat("unknown option ", quote(option)));
    }
    return ok_status();
  }

  std::string_view text_;
  resolver::Problem problem_;
};

}  // namespace

Result<resolver::ParentRule> parent_rule(std::string_view text, bool is_override) {
  const std::size_t colon = text.find(':');
  resolver::ParentRule rule;
  PKG_TRY_ASSIGN(rule.parent, pep::Requirement::parse(trim(text.substr(0, colon))));
  rule.parent.origin = Origin{.file = "rules.toml", .line = 1};
  PKG_TRY_ASSIGN(auto dependency, pep::Requirement::parse(trim(text.substr(colon + 1))));
  if (!is_override) {
    rule.excludes.push_back(dependency.name);
    return rule;
  }
  dependency.is_override = true;
  dependency.origin = rule.parent.origin;
  rule.dependencies.push_back(std::move(dependency));
  return rule;
}

Result<resolver::Problem> lock_problem(std::string_view question) { return Reader(question).read(); }

std::string lock_answer_text(const std::variant<resolver::Resolution, resolver::Conflict>& answer, bool headline,
                             bool hint) {
  std::string text;
  if (const auto* const conflict = std::get_if<resolver::Conflict>(&answer)) {
    if (headline) append(text, "error: ", conflict->headline, conflict->explanation.empty() ? "" : "\n");
    append(text, conflict->explanation);
    if (hint) append(text, "\nhint: ", conflict->hint);
    return text;
  }
  const auto& resolution = std::get<resolver::Resolution>(answer);
  for (const resolver::Pin& pin : resolution.pins) {
    const std::string index = pin.files.empty() ? std::string() : pin.files.front().index;
    append(text, text.empty() ? "" : ", ", pin.name.str(), index.empty() ? "" : "@", index, " ",
           pin.version.to_string());
    if (!pin.marker.is_trivial()) append(text, " {", pin.marker.to_string(), "}");
  }
  for (const std::string& warning : resolution.warnings) append(text, " ! ", warning);
  return text.empty() ? "nothing" : text;
}

std::string full_text(const resolver::Resolution& resolution) {
  std::string text;
  for (const resolver::Pin& pin : resolution.pins) {
    append(text, pin.name.str(), " ", pin.version.to_string(), pin.direct ? " direct" : "", " {",
           pin.marker.to_string(), "}");
    for (const pep::Name& extra : pin.extras) append(text, " [", extra.str(), "]");
    for (const pep::DistFile& file : pin.files) append(text, " ", file.file_name);
    for (const int child : pin.dependencies) append(text, " ->", child);
    std::vector<std::string> edges;  // their order is that of discovery, which preferences may change
    for (const resolver::Edge& edge : pin.required_by)
      edges.push_back(cat(" <- ", edge.parent, " ", edge.requirement.to_string()));
    std::sort(edges.begin(), edges.end());
    for (const std::string& edge : edges) text += edge;
    text += '\n';
  }
  for (const std::string& warning : resolution.warnings) append(text, "! ", warning, "\n");
  return text;
}

std::vector<LockTarget> selections(const resolver::Problem& problem) {
  std::vector<LockTarget> list;
  for (unsigned bits = 0; bits < 8; ++bits) {
    LockTarget target;
    if ((bits & 1U) != 0) target.extras.push_back(name_of("x"));
    if ((bits & 2U) != 0) target.extras.push_back(name_of("y"));
    if ((bits & 4U) != 0) target.groups.push_back(name_of("dev"));
    const auto is_selected = [&](const resolver::ConflictItem& item) {
      const auto& names = item.is_group ? target.groups : target.extras;
      return std::find(names.begin(), names.end(), item.name) != names.end();
    };
    const auto& conflicts = problem.universe->conflicts;
    if (std::all_of(conflicts.begin(), conflicts.end(),
                    [&](const auto& set) { return std::count_if(set.begin(), set.end(), is_selected) <= 1; }))
      list.push_back(std::move(target));
  }
  return list;
}

bool is_in_universe(const resolver::Problem& problem, const LockTarget& target) {
  const resolver::Universe& universe = *problem.universe;
  if (!universe.requires_python.contains(pep::Version::parse(target.environment.python_full_version).value()))
    return false;
  return universe.environments.empty() || std::any_of(universe.environments.begin(), universe.environments.end(),
                                                      [&](const pep::Marker& marker) { return target.meets(marker); });
}

}  // namespace pkg::test
