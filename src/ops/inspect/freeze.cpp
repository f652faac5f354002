#include "ops/inspect/freeze.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/vcs/tool.h"
#include "ops/inputs/input_words.h"
#include "pep/direct_url.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

struct Frozen {
  pep::Name name;
  std::string source;  // URL it came from; empty: an index
  std::vector<FrozenLine> lines;
};

FrozenLine requirement_line(std::string text) { return {std::move(text), true}; }
FrozenLine other_line(std::string text) { return {std::move(text), false}; }

std::string direct_line(const std::string& name, const pep::DirectUrl& direct) {
  std::string url = direct.url;
  if (const auto* vcs = std::get_if<pep::VcsInfo>(&direct.info)) url = cat(vcs->vcs, "+", url, "@", vcs->commit_id);
  if (const auto* archive = std::get_if<pep::ArchiveInfo>(&direct.info);
      archive != nullptr && !archive->hashes.empty()) {
    append(url, "#", archive->hashes[0].first, "=", archive->hashes[0].second);
  }
  return cat(name, " @ ", pep::with_subdirectory(std::move(url), direct.subdirectory));
}

// The folder with ".git" at or above `folder`.
std::optional<stdfs::path> checkout_of(const stdfs::path& folder) {
  for (auto at = folder;; at = at.parent_path()) {
    if (fs::exists(at / ".git")) return at;
    if (at == at.parent_path()) return std::nullopt;
  }
}

// "git@host:path" is "ssh://git@host/path".
std::string remote_as_url(const std::string& remote) {
  const auto colon = remote.find(':');
  if (url::is_url(remote) || colon == std::string::npos || remote.starts_with('/')) return remote;
  return cat("ssh://", remote.substr(0, colon), "/", remote.substr(colon + 1));
}

// An editable in a git checkout with a remote is named by its commit there, as pip does.
std::optional<std::string> revision_line(const std::string& name, const stdfs::path& folder) {
  const auto root = checkout_of(folder);
  if (!root) return std::nullopt;
  const auto remote = index::vcs::ask_checkout(*root, {"config", "--get", "remote.origin.url"});
  const auto commit = index::vcs::ask_checkout(*root, {"rev-parse", "HEAD"});
  if (!remote || !commit) return std::nullopt;
  const auto address = remote_as_url(*remote);
  const auto line =
      cat("-e git+", pep::strip_credentials(address.starts_with('/') ? url::path_to_file_url(address) : address), "@",
          *commit, "#egg=", replace_all(name, "-", "_"));
  return folder == *root ? line : pep::with_subdirectory(line, folder.lexically_relative(*root).string());
}

// A path, or its URL where a line of requirements would end or mean something else in it.
std::string editable_line(const std::filesystem::path& folder) {
  const auto& path = folder.native();
  return cat("-e ", path.find_first_of(" \t#%;\"'\\[") == std::string::npos ? path : url::path_to_file_url(path));
}

Frozen frozen(const venv::InstalledDist& dist) {
  Frozen result{dist.name, {}, {}};
  const auto& name = dist.name_as_written;
  const auto direct = venv::read_direct_url(dist);
  if (direct) result.source = direct->url;
  if (const auto location = venv::editable_location(dist)) {
    if (auto revision = revision_line(name, *location)) {
      result.lines = {requirement_line(*std::move(revision))};
    } else {
      result.lines = {
          other_line(cat("# Editable, without a remote repository (", name, "==", dist.version_as_written, ")")),
          requirement_line(editable_line(*location))};
    }
  } else {
    result.lines = {requirement_line(direct ? direct_line(name, *direct) : cat(name, "==", dist.version_as_written))};
  }
  return result;
}

bool is_tool(const pep::Name& name) {
  const auto& text = name.str();
  return text == "pip" || text == "setuptools" || text == "wheel" || text == "distribute";
}

struct FileLine {
  int number = 0;
  std::string text;
};

// Lines of a requirements file, continued ones joined.
std::vector<FileLine> joined_lines(std::string_view text) {
  std::vector<FileLine> lines;
  bool continues = false;
  int number = 0;
  for (auto line : split_lines(text)) {
    ++number;
    if (!continues) lines.push_back({number, {}});
    continues = line.ends_with('\\');
    if (continues) line.remove_suffix(1);
    append(lines.back().text, line);
  }
  return lines;
}

// A line without its comment and options.
std::string requirement_part(std::string_view line) {
  for (const std::string_view end : {" #", "\t#", " --"}) line = line.substr(0, line.find(end));
  return std::string(trim(line));
}

class Merger {
 public:
  Merger(std::vector<Frozen> dists, Session& session) : session_(session) {
    for (auto& dist : dists) left_.emplace(dist.name, std::move(dist));
  }

  Status add_file(const std::string& file) {
    PKG_TRY_ASSIGN(const auto text, fs::read_named_at_most(session_.working_folder() / file, limits::kText));
    for (const auto& line : joined_lines(text))
      add_line(line.text, Origin{.file = file, .what = {}, .line = line.number, .column = 0});
    return ok_status();
  }

  std::vector<FrozenLine> finish(bool after_files) {
    if (after_files && !left_.empty()) lines_.push_back(other_line("## Installed, and named by no file:"));
    for (auto& [name, dist] : left_) take(dist);
    return std::move(lines_);
  }

 private:
  static bool is_editable(std::string_view line) { return line.starts_with("-e ") || line.starts_with("--editable"); }

  void add_line(std::string_view line, const Origin& origin) {
    const auto text = trim(line);
    const bool is_option = text.starts_with('-') && !is_editable(text);
    if (text.empty() || text[0] == '#' || is_option) {
      if (!is_option || options_.insert(std::string(text)).second) lines_.push_back(other_line(std::string(text)));
      return;
    }
    const auto name = name_of(text, origin);
    if (!name) {
      session_.reporter().warning(cat(origin.to_string(), ": left out ", quote(text), ": its name is not known"));
    } else if (const auto found = left_.find(*name); found != left_.end()) {
      take(found->second);
      left_.erase(found);
      done_.insert(*name);
    } else if (!done_.contains(*name)) {
      session_.reporter().warning(cat(origin.to_string(), ": ", quote(name->str()), " is not installed"));
    }
  }

  std::optional<pep::Name> name_of(std::string_view text, const Origin& origin) const {
    const auto form = is_editable(text) ? WordForm::editable : WordForm::plain;
    if (form == WordForm::editable) text = trim(text.substr(text.find_first_of(" =") + 1));
    const WordPlace place{session_.working_folder(), (session_.working_folder() / origin.file).parent_path(), origin};
    const auto input = input_from_word(requirement_part(text), place, form);
    if (!input) return std::nullopt;
    if (const auto* requirement = std::get_if<pep::Requirement>(&*input)) return requirement->name;
    const auto& url = std::get<UnnamedInput>(*input).url;
    const auto found = std::ranges::find_if(left_, [&](const auto& entry) { return entry.second.source == url; });
    return found == left_.end() ? std::nullopt : std::optional(found->first);
  }

  void take(Frozen& dist) { std::ranges::move(dist.lines, std::back_inserter(lines_)); }

  Session& session_;
  std::map<pep::Name, Frozen> left_;
  std::set<pep::Name> done_;
  std::set<std::string> options_;
  std::vector<FrozenLine> lines_;
};

}  // namespace

Result<std::vector<FrozenLine>> freeze(const FreezeOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto dists, installed_dists(options.list, session));
  std::vector<Frozen> list;
  for (const auto& dist : dists) {
    if ((options.all || !is_tool(dist.name)) && is_listed(options.list, dist)) list.push_back(frozen(dist));
  }
  Merger merger(std::move(list), session);
  for (const auto& file : options.requirements_files) PKG_TRY(merger.add_file(file));
  return merger.finish(!options.requirements_files.empty());
}

}  // namespace pkg::ops
