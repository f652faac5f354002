#include "ops/inputs.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <span>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/filename.h"
#include "pep/pyproject.h"
#include "pep/requirements_txt.h"
#include "pep/script_block.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr int kMaxNesting = 32;

std::optional<std::string> environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Error cannot_build(std::string_view what, const Origin& origin) {
  return make_error(ErrorKind::unsupported, cat(quote(what), " would have to be built, and this version of pkg installs wheels only"),
                    "name a wheel, or a project that has wheels")
      .with(cat("asked for by ", origin.to_string()));
}

bool is_wheel(std::string_view name) { return name.size() > 4 && equals_ignoring_case(name.substr(name.size() - 4), ".whl"); }

// "name @ https://…": a requirement, though it ends like a path.
bool is_url_requirement(std::string_view word) {
  const auto at = word.find('@');
  return at != std::string_view::npos && at > 0 && url::is_url(trim(word.substr(at + 1)));
}

bool is_archive(std::string_view name) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz"},
                             [&](std::string_view suffix) { return name.ends_with(suffix); });
}

// "x.whl[a,b]" → "x.whl" and "[a,b]".
std::pair<std::string, std::string> split_extras(const std::string& word) {
  if (!word.ends_with(']')) return {word, {}};
  const auto open = word.rfind('[');
  return open == std::string::npos ? std::pair{word, std::string()} : std::pair{word.substr(0, open), word.substr(open)};
}

Result<pep::Requirement> wheel_requirement(const std::string& file_name, const std::string& url, const std::string& extras,
                                           const Origin& origin) {
  PKG_TRY_ASSIGN(const auto wheel, pep::WheelName::parse(file_name));
  PKG_TRY_ASSIGN(auto requirement, pep::Requirement::parse(cat(wheel.name.str(), extras, " @ ", url)));
  requirement.origin = origin;
  return requirement;
}

// One run over all inputs; nested files share it.
class Reader {
 public:
  Reader(Session& session, const InputOptions& options) : session_(session), options_(options) {}

  Result<Inputs> run() {
    for (const auto& word : options_.words) PKG_TRY(add_word(word, session_.working_folder(), Origin::command_line()));
    for (const auto& file : options_.requirements_files) PKG_TRY(add_requirements_file(file));
    for (const auto& file : options_.constraints_files) PKG_TRY(add_file(file, session_.working_folder().string(), Role::constraint, 0));
    for (const auto& file : options_.override_files) PKG_TRY(add_file(file, session_.working_folder().string(), Role::override_, 0));
    for (const auto& group : options_.groups) PKG_TRY(add_group(group));
    for (const auto& editable : options_.editables) return cannot_build(editable, Origin::command_line());
    for (const auto& name : options_.excludes) {
      PKG_TRY_ASSIGN(auto parsed, pep::Name::parse(name));
      inputs_.excludes.push_back(std::move(parsed));
    }
    if (inputs_.require_hashes) PKG_TRY(check_hashes());
    return std::move(inputs_);
  }

 private:
  enum class Role { requirement, constraint, override_ };

  Status add_word(const std::string& word, const stdfs::path& relative_to, const Origin& origin) {
    PKG_TRY_ASSIGN(auto requirement, requirement_from_word(word, relative_to, origin));
    inputs_.requirements.push_back(std::move(requirement));
    return ok_status();
  }

  Status add_requirements_file(const std::string& file) {
    const auto name = stdfs::path(file).filename().string();
    if (name == "pyproject.toml") return add_pyproject(file);
    if (name.ends_with(".py")) return add_script(file);
    return add_file(file, session_.working_folder().string(), Role::requirement, 0);
  }

  Result<std::string> text_of(const std::string& path) {
    if (path == "-") return options_.stdin_text;
    if (url::is_url(path) && !path.starts_with("file:")) {
      return make_error(ErrorKind::unsupported,
                        cat("cannot read ", quote(url::redact(path)), ": requirements files are read from this machine only"));
    }
    return fs::read_file_at_most(path, 16u << 20);
  }

  // Where a path of a file is: pip reads nested paths relative to the file that names them.
  static std::string resolve_path(const std::string& path, const std::string& folder) {
    if (path == "-" || url::is_url(path)) return path;
    return (stdfs::path(folder) / path).lexically_normal().string();
  }

  Status add_file(const std::string& named, const std::string& folder, Role role, int depth) {
    if (depth > kMaxNesting)
      return make_error(ErrorKind::bad_data, cat("requirements files nest deeper than ", kMaxNesting, " at ", quote(named)));
    const auto path = resolve_path(named, folder);
    if (!open_files_.insert(path).second) return make_error(ErrorKind::bad_data, cat(quote(named), " includes itself"));
    PKG_TRY_ASSIGN(const auto text, text_of(path));
    PKG_TRY_ASSIGN(const auto lines, pep::parse_requirements_txt(text, named, environment_variable));
    const auto own_folder = path == "-" ? folder : stdfs::path(path).parent_path().string();
    for (const auto& line : lines) PKG_TRY(add_line(line, own_folder, role, depth));
    open_files_.erase(path);
    return ok_status();
  }

  Status add_line(const pep::RequirementLine& line, const std::string& folder, Role role, int depth) {
    using Kind = pep::RequirementLine::Kind;
    switch (line.kind) {
      case Kind::requirements_file:
        return Status(add_file(line.value, folder, role, depth + 1)).with([&] { return cat("included by ", line.origin.to_string()); });
      case Kind::constraints_file:
        return Status(add_file(line.value, folder, Role::constraint, depth + 1)).with([&] {
          return cat("included by ", line.origin.to_string());
        });
      case Kind::editable:
        return cannot_build(line.value, line.origin);
      case Kind::option:
        return apply_option(line, folder);
      case Kind::requirement:
        break;
    }
    PKG_TRY_ASSIGN(auto requirement, requirement_from_word(line.value, folder, line.origin));
    if (!line.hashes.empty()) PKG_TRY(add_hashes(requirement.name, line));
    auto& list = role == Role::requirement ? inputs_.requirements : role == Role::constraint ? inputs_.constraints : inputs_.overrides;
    list.push_back(std::move(requirement));
    return ok_status();
  }

  Status add_hashes(const pep::Name& name, const pep::RequirementLine& line) {
    inputs_.require_hashes = true;
    auto& known = inputs_.hashes[name];
    for (const auto& text : line.hashes) {
      const auto colon = text.find(':');
      const auto algorithm = hash::algorithm_from_name(text.substr(0, colon));
      if (colon == std::string::npos || !algorithm) {
        return make_error(ErrorKind::bad_data,
                          cat(line.origin.to_string(), ": unknown hash ", quote(text), ", expected sha256:… (or sha384, sha512)"));
      }
      pep::FileHash wanted{*algorithm, to_ascii_lower(text.substr(colon + 1))};
      if (std::ranges::find(known, wanted) == known.end()) known.push_back(std::move(wanted));
    }
    return ok_status();
  }

  // Hash mode is for all requirements or none (pip): each is pinned and has a hash.
  Status check_hashes() {
    for (const auto& requirement : inputs_.requirements) {
      if (!inputs_.hashes.contains(requirement.name)) {
        return make_error(
            ErrorKind::bad_data,
            cat("hashes are required, and ", quote(requirement.to_string()), " (", requirement.origin.to_string(), ") has none"),
            "give every requirement a --hash, or none");
      }
      const auto parts = requirement.specifiers.parts();
      const bool pinned = !requirement.url.empty() || std::ranges::any_of(parts, [](const pep::Specifier& part) {
        return (part.op == pep::Operator::equal && !part.wildcard) || part.op == pep::Operator::arbitrary;
      });
      if (!pinned) {
        return make_error(ErrorKind::bad_data, cat("hashes are required, and ", quote(requirement.to_string()), " (",
                                                   requirement.origin.to_string(), ") is not pinned with =="));
      }
    }
    return ok_status();
  }

  Status apply_option(const pep::RequirementLine& line, const std::string& folder) {
    auto& settings = session_.settings();
    const auto& option = line.option;
    if (option == "--index-url") {
      if (settings.indexes.empty()) settings.indexes.push_back({});
      settings.indexes.back() = {.name = {}, .url = line.value, .is_explicit = false};
      settings.no_index = false;
    } else if (option == "--extra-index-url") {
      settings.indexes.insert(settings.indexes.begin(), {.name = {}, .url = line.value, .is_explicit = false});
    } else if (option == "--find-links") {
      settings.find_links.push_back(url::is_url(line.value) ? line.value : resolve_path(line.value, folder));
    } else if (option == "--no-index") {
      settings.no_index = true;
    } else if (option == "--trusted-host") {
      settings.trusted_hosts.push_back(line.value);
    } else if (option == "--pre") {
      inputs_.prereleases = true;
    } else if (option == "--prefer-binary") {
      inputs_.prefer_binary = true;
    } else if (option == "--only-binary") {
      inputs_.only_binary.push_back(line.value);
    } else if (option == "--no-binary") {
      inputs_.no_binary.push_back(line.value);
    } else if (option == "--require-hashes") {
      inputs_.require_hashes = true;
    } else {
      session_.reporter().warning(cat(line.origin.to_string(), ": ", option, " has no meaning here and is left aside"));
    }
    return ok_status();
  }

  Status add_pyproject(const std::string& file) {
    const auto path = resolve_path(file, session_.working_folder().string());
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, 16u << 20));
    PKG_TRY_ASSIGN(const auto pyproject, pep::Pyproject::parse(text, file));
    if (!pyproject.project) return make_error(ErrorKind::bad_data, cat(quote(file), " has no [project] table"));
    const auto& project = *pyproject.project;
    for (const auto& requirement : project.dependencies) inputs_.requirements.push_back(requirement);
    std::set<std::string> wanted;
    for (const auto& extra : options_.extras) wanted.insert(pep::normalize_name(extra));
    for (const auto& [extra, requirements] : project.optional_dependencies) {
      if (!options_.all_extras && wanted.erase(extra.str()) == 0) continue;
      inputs_.requirements.insert(inputs_.requirements.end(), requirements.begin(), requirements.end());
    }
    if (!options_.all_extras && !wanted.empty()) {
      return make_error(ErrorKind::not_found, cat(quote(file), " has no extra ", quote(*wanted.begin())));
    }
    return ok_status();
  }

  Status add_script(const std::string& file) {
    const auto path = resolve_path(file, session_.working_folder().string());
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, 16u << 20));
    PKG_TRY_ASSIGN(const auto block, pep::script_block(text));
    if (!block) return make_error(ErrorKind::bad_data, cat(quote(file), " has no `# /// script` block"));
    PKG_TRY_ASSIGN(const auto root, toml::parse(*block, file));
    const auto* dependencies = root.get("dependencies");
    if (dependencies == nullptr) return ok_status();
    const auto* list = dependencies->as_array();
    if (list == nullptr)
      return make_error(ErrorKind::bad_data,
                        cat("`dependencies` of ", quote(file), " is ", dependencies->type_name(), ", expected an array"));
    for (const auto& item : *list) {
      const auto* requirement = item.as_string();
      if (requirement == nullptr)
        return make_error(ErrorKind::bad_data, cat("`dependencies` of ", quote(file), " holds ", item.type_name(), ", expected strings"));
      PKG_TRY(add_word(*requirement, session_.working_folder(), Origin{.file = file, .what = {}, .line = 0, .column = 0}));
    }
    return ok_status();
  }

  Status add_group(const std::string& named) {
    const auto colon = named.rfind(':');
    const std::string file = colon == std::string::npos ? "pyproject.toml" : named.substr(0, colon);
    const std::string group = colon == std::string::npos ? named : named.substr(colon + 1);
    const auto path = resolve_path(file, session_.working_folder().string());
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, 16u << 20));
    PKG_TRY_ASSIGN(const auto pyproject, pep::Pyproject::parse(text, file));
    PKG_TRY_ASSIGN(auto requirements, pep::dependency_groups(pyproject, std::span(&group, 1), file));
    std::ranges::move(requirements, std::back_inserter(inputs_.requirements));
    return ok_status();
  }

  Session& session_;
  const InputOptions& options_;
  Inputs inputs_;
  std::set<std::string> open_files_;
};

}  // namespace

Result<Inputs> read_inputs(const InputOptions& options, Session& session) { return Reader(session, options).run(); }

Result<pep::Requirement> requirement_from_word(const std::string& word, const std::filesystem::path& relative_to, const Origin& origin) {
  const auto [place, extras] = split_extras(word);
  const bool is_requirement = is_url_requirement(word);
  if (!is_requirement && url::is_url(place)) {
    const auto name = url::file_name(place);
    if (is_wheel(name)) return wheel_requirement(name, place, extras, origin);
    return cannot_build(url::redact(place), origin);
  }
  const bool has_slash = place.find('/') != std::string::npos;
  if (!is_requirement && (has_slash || is_wheel(place) || is_archive(place) || place == "." || place == "..")) {
    const auto path = (relative_to / place).lexically_normal();
    if (!fs::exists(path)) return make_error(ErrorKind::not_found, cat("no such file: ", quote(place), " (", origin.to_string(), ")"));
    if (!is_wheel(place)) return cannot_build(place, origin);
    return wheel_requirement(path.filename().string(), url::path_to_file_url(path.string()), extras, origin);
  }
  auto parsed = pep::Requirement::parse(word);
  if (!parsed) return std::move(parsed).with(cat("in ", origin.to_string())).error();
  auto requirement = std::move(parsed).value();
  requirement.origin = origin;
  if (!requirement.url.empty() && !is_wheel(url::file_name(requirement.url))) return cannot_build(url::redact(requirement.url), origin);
  return requirement;
}

Status add_format_control(std::string_view value, bool only_binary, resolver::FormatControl& control) {
  auto& names = only_binary ? control.only_binary : control.no_binary;
  auto& all = only_binary ? control.only_binary_all : control.no_binary_all;
  for (const auto piece : split(value, ',')) {
    const auto word = trim(piece);
    if (word.empty()) continue;
    if (word == ":all:") {
      all = true;
      // As pip has it: the later option takes a name back from the other.
      (only_binary ? control.no_binary_all : control.only_binary_all) = false;
    } else if (word == ":none:") {
      all = false;
      names.clear();
    } else {
      PKG_TRY_ASSIGN(auto name, pep::Name::parse(word));
      (only_binary ? control.no_binary : control.only_binary).erase(name);
      names.insert(std::move(name));
    }
  }
  return ok_status();
}

}  // namespace pkg::ops
