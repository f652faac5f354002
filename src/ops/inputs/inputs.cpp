// From words and files to Inputs. One word: input_words.h; files and what they include: input_files.h; their options:
// index_options.h; hashes: hash_mode.h; pyproject.toml, groups and scripts: pyproject_inputs.h and project_rules.h.
#include "ops/inputs/inputs.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/inputs/hash_mode.h"
#include "ops/inputs/index_options.h"
#include "ops/inputs/input_files.h"
#include "ops/inputs/input_words.h"
#include "ops/inputs/project_rules.h"
#include "ops/inputs/pyproject_inputs.h"
#include "ops/project/project_sources.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

using pep::RequirementLine;

enum class FileKind { requirements, pyproject, setup, script };

FileKind kind_of(const std::string& file) {
  const auto name = std::filesystem::path(file).filename().string();
  if (name == "pyproject.toml") return FileKind::pyproject;
  if (name == "setup.py" || name == "setup.cfg") return FileKind::setup;
  return name.ends_with(".py") ? FileKind::script : FileKind::requirements;
}

builder::ConfigSettings settings_of(const RequirementLine& line) {
  builder::ConfigSettings settings;
  for (const auto& [key, value] : line.config_settings) settings[key].push_back(value);
  return settings;
}

// One run over all inputs.
class Reader {
 public:
  Reader(const Session& session, const InputOptions& options) : session_(session), options_(options) {
    inputs_.require_hashes = options.require_hashes;
  }

  Result<Inputs> run() {
    PKG_TRY_ASSIGN(auto files, load_files());
    settings_ = std::move(files.settings);
    const WordPlace command_line{session_.working_folder(), {}, Origin::command_line()};
    for (const auto& word : options_.words) PKG_TRY(add_word(word, command_line, WordForm::plain));
    for (const auto& word : options_.editables) PKG_TRY(add_word(word, command_line, WordForm::editable));
    PKG_TRY(add_requirements(files));
    for (const auto& file : files.constraints) PKG_TRY(add_file(file, inputs_.constraints));
    for (const auto& file : files.overrides) PKG_TRY(add_file(file, inputs_.overrides));
    for (const auto& group : options_.groups) {
      PKG_TRY_ASSIGN(auto found, group_requirements(group, session_.working_folder()));
      note_pythons(group, found);
      PKG_TRY(add_of_project(std::move(found)));
    }
    for (const auto& name : options_.excludes) {
      PKG_TRY_ASSIGN(auto parsed, pep::Name::parse(name));
      inputs_.excludes.push_back(std::move(parsed));
    }
    PKG_TRY(settle_hashes());
    if (settings_ != session_.settings()) inputs_.settings = std::move(settings_);
    return std::move(inputs_);
  }

 private:
  Result<InputFiles> load_files() {
    names_ = {{}, options_.constraints_files, options_.override_files, options_.stdin_text};
    for (const auto& file : options_.requirements_files) {
      if (kind_of(file) == FileKind::requirements) names_.requirements.push_back(file);
    }
    return load_input_files(names_, session_);
  }

  // In the order of the command line, whatever kind the files are.
  Status add_requirements(const InputFiles& files) {
    auto next = files.requirements.begin();
    for (const auto& file : options_.requirements_files) {
      switch (kind_of(file)) {
        case FileKind::requirements:
          PKG_TRY(add_file(*next++, inputs_.requirements));
          break;
        case FileKind::setup:
          PKG_TRY(add_project(file));
          break;
        case FileKind::pyproject: {
          PKG_TRY_ASSIGN(auto found,
                         pyproject_requirements(file, session_.working_folder(), options_.extras, options_.all_extras));
          PKG_TRY(found ? add_of_project(*std::move(found)) : add_project(file));
          break;
        }
        case FileKind::script:
          PKG_TRY(add_script(file));
          break;
      }
    }
    for (const auto& file : options_.scripts) PKG_TRY(add_script(file));
    return ok_status();
  }

  Status add_script(const std::string& file) {
    PKG_TRY_ASSIGN(auto script, script_requirements(file, session_.working_folder()));
    const WordPlace place{session_.working_folder(), {}, Origin{.file = file, .what = {}, .line = 0, .column = 0}};
    for (const auto& word : script.words) PKG_TRY(add_word(word, place, WordForm::plain));
    if (!script.requires_python.empty()) inputs_.pythons.push_back({quote(file), std::move(script.requires_python)});
    return ok_status();
  }

  void note_pythons(const std::string& group, PyprojectRequirements& found) {
    if (found.pythons.empty()) return;
    if (!options_.for_all_pythons) {
      inputs_.pythons.push_back({cat("the dependency group ", quote(group)), std::move(found.pythons)});
      return;
    }
    const auto marker = pep::for_pythons(found.pythons);
    for (auto& requirement : found.requirements) requirement.marker = pep::both(requirement.marker, marker);
  }

  Status add_of_project(PyprojectRequirements found) {
    for (const auto& line : found.unknown_keys) session_.reporter().warning(line);
    PKG_TRY(add_index_rules(found.index_rules));
    std::ranges::move(found.requirements, std::back_inserter(inputs_.requirements));
    std::ranges::move(found.constraints, std::back_inserter(inputs_.constraints));
    inputs_.editable_urls.merge(found.editable_urls);
    inputs_.relative_urls.merge(found.relative_urls);
    const auto is_known = [&](const resolver::OwnProject& own) { return own.name() == found.own->name(); };
    if (found.own && std::ranges::none_of(inputs_.own, is_known)) inputs_.own.push_back(*std::move(found.own));
    if (!found.rules || !ruled_by_.insert(found.rules->root).second) return ok_status();
    return add_project_rules(found.rules->settings, session_.now(), inputs_);
  }

  Status add_index_rules(const std::vector<resolver::IndexRule>& rules) {
    PKG_TRY(check_indexes(rules, settings_));
    settings_.index_of.merge(indexes_everywhere(rules));
    std::ranges::move(rules_by_environment(rules), std::back_inserter(inputs_.index_rules));
    return ok_status();
  }

  // What only the build backend knows.
  Status add_project(const std::string& file) {
    const auto path = (session_.working_folder() / file).lexically_normal();
    if (!fs::exists(path)) return make_error(ErrorKind::not_found, cat("no such file: ", quote(file)));
    UnnamedInput project;
    project.url = url::path_to_file_url(path.parent_path().string());
    project.only_dependencies = true;
    project.all_extras = options_.all_extras;
    for (const auto& extra : options_.extras) {
      PKG_TRY_ASSIGN(auto name, pep::Name::parse(extra));
      project.extras.push_back(std::move(name));
    }
    project.origin = Origin{.file = file, .what = {}, .line = 0, .column = 0};
    inputs_.unnamed.push_back(std::move(project));
    return ok_status();
  }

  Status add_word(const std::string& word, const WordPlace& place, WordForm form) {
    PKG_TRY_ASSIGN(auto input, input_from_word(word, place, form));
    note_path(word, input);
    return add_input(std::move(input), form, {});
  }

  Status add_file(const pep::RequirementsFile& file, std::vector<pep::Requirement>& into) {
    for (const auto& line : file.options) PKG_TRY(told(apply_input_option(line, inputs_, session_), line));
    for (const auto& line : file.requirements)
      PKG_TRY(told(&into == &inputs_.requirements ? add_line(line) : add_narrowing(line, into), line));
    for (const auto& line : file.constraints) PKG_TRY(told(add_narrowing(line, inputs_.constraints), line));
    return ok_status();
  }

  Status told(Status status, const RequirementLine& line) const {
    if (status.ok() || status.error().kind != ErrorKind::bad_data) return status;
    return told_of_file(status.error(), line.origin, names_, session_);
  }

  Status add_line(const RequirementLine& line) {
    const auto form = line.kind == RequirementLine::Kind::editable ? WordForm::editable : WordForm::plain;
    PKG_TRY_ASSIGN(auto input, input_from_word(line.value, place_of(line), form));
    note_path(line.value, input);
    return add_input(std::move(input), form, line);
  }

  void note_path(std::string_view word, const Input& input) {
    const auto* unnamed = std::get_if<UnnamedInput>(&input);
    const auto& url = unnamed != nullptr ? unnamed->url : std::get<pep::Requirement>(input).url;
    const bool is_absolute = trim(word).starts_with('/') || word.find(":/") != std::string_view::npos;
    if (url.starts_with("file:") && !is_absolute) inputs_.relative_urls.insert(url);
  }

  // A line of a constraints or overrides file: it has a name, and is not installed by itself.
  Status add_narrowing(const RequirementLine& line, std::vector<pep::Requirement>& into) {
    if (line.kind == RequirementLine::Kind::editable) {
      return make_error(ErrorKind::bad_data,
                        cat(line.origin.to_string(), ": an editable is installed, and cannot be a constraint"));
    }
    PKG_TRY_ASSIGN(auto input, input_from_word(line.value, place_of(line)));
    auto* requirement = std::get_if<pep::Requirement>(&input);
    if (requirement == nullptr) {
      return make_error(ErrorKind::bad_data,
                        cat(line.origin.to_string(), ": ", quote(url::redact(line.value)), " has no name"),
                        "in constraints, write it as NAME @ URL");
    }
    if (&into == &inputs_.constraints) {
      PKG_TRY(check_constraint(*requirement));
      PKG_TRY(take_hashes(*requirement, line));  // bind, and ask for no others
    }
    into.push_back(std::move(*requirement));
    return ok_status();
  }

  Status add_input(Input input, WordForm form, const RequirementLine& line) {
    if (auto* unnamed = std::get_if<UnnamedInput>(&input)) {
      PKG_TRY_ASSIGN(unnamed->hashes, hashes_of(line));
      if (!unnamed->hashes.empty()) inputs_.require_hashes = true;
      unnamed->config_settings = settings_of(line);
      const bool is_known = std::ranges::any_of(inputs_.unnamed, [&](const UnnamedInput& known) {
        return known.url == unnamed->url && known.extras == unnamed->extras && known.editable == unnamed->editable &&
               known.marker == unnamed->marker;
      });
      settings_.named_urls.insert(unnamed->url);
      if (!is_known) inputs_.unnamed.push_back(std::move(*unnamed));
      return ok_status();
    }
    auto& requirement = std::get<pep::Requirement>(input);
    if (!requirement.url.empty()) settings_.named_urls.insert(requirement.url);
    if (form == WordForm::editable) inputs_.editable_urls.insert(requirement.url);
    if (!line.config_settings.empty()) inputs_.config_settings[requirement.name] = settings_of(line);
    if (!line.hashes.empty()) inputs_.require_hashes = true;
    PKG_TRY(take_hashes(requirement, line));
    inputs_.requirements.push_back(std::move(requirement));
    return ok_status();
  }

  Status take_hashes(const pep::Requirement& requirement, const RequirementLine& line) {
    if (line.hashes.empty()) return ok_status();
    PKG_TRY_ASSIGN(const auto hashes, hashes_of(line));
    return add_hashes(requirement, hashes, inputs_);
  }

  WordPlace place_of(const RequirementLine& line) const {
    return {session_.working_folder(), folder_of(line, session_), line.origin};
  }

  Status settle_hashes() {
    if (!settings_.verify_hashes || options_.no_require_hashes) inputs_.require_hashes = false;
    if (!settings_.verify_hashes) {
      inputs_.hashes.clear();
      for (auto& unnamed : inputs_.unnamed) unnamed.hashes.clear();
    }
    if (inputs_.require_hashes) {
      PKG_TRY(add_url_hashes(inputs_));
      PKG_TRY(check_hash_mode(inputs_));
    }
    return pin_archives(inputs_);
  }

  const Session& session_;
  const InputOptions& options_;
  index::Settings settings_;
  InputFileNames names_;
  std::set<std::filesystem::path> ruled_by_;  // projects whose rules are in inputs_
  Inputs inputs_;
};

}  // namespace

Result<Inputs> read_inputs(const InputOptions& options, const Session& session) {
  return Reader(session, options).run();
}

Session& session_for(const Inputs& inputs, Session& session) {
  if (!inputs.settings && inputs.config_settings.empty()) return session;
  auto build_options = session.build_options();
  for (const auto& [name, settings] : inputs.config_settings) build_options.config_settings_of[name] = settings;
  return session.with(inputs.settings ? *inputs.settings : session.settings(), build_options);
}

Status check_constraint(const pep::Requirement& constraint) {
  if (constraint.extras.empty()) return ok_status();
  auto bare = constraint;
  bare.extras.clear();
  return make_error(ErrorKind::bad_data,
                    cat(constraint.origin.to_string(), ": ", quote(constraint.to_string()),
                        " has extras, which a constraint cannot ask for"),
                    cat("write ", quote(bare.to_string())));
}

Status add_release_control(std::string_view value, resolver::Prereleases wanted, ReleaseControl& control) {
  const bool is_all = wanted == resolver::Prereleases::allow;
  for (const auto piece : split(value, ',')) {
    const auto word = trim(piece);
    if (word.empty()) continue;
    if (word == ":all:") {
      control.all = is_all;
    } else if (word == ":none:") {
      std::erase_if(control.of, [&](const auto& entry) { return entry.second == wanted; });
      if (control.all == is_all) control.all.reset();
    } else {
      PKG_TRY_ASSIGN(const auto name, pep::Name::parse(word));
      control.of[name] = wanted;
    }
  }
  return ok_status();
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
