#include "ops/inputs/input_words.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "builder/static_metadata.h"
#include "pep/filename.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;
using pep::SourceUrl;

bool is_wheel_name(std::string_view name) {
  return name.size() > 4 && equals_ignoring_case(name.substr(name.size() - 4), ".whl");
}

// "git+https://…" and friends, also where what follows is no URL: the error then is about the URL.
bool is_source_url(std::string_view word) {
  const auto plus = word.substr(0, word.find('+'));
  return url::is_url(word) ||
         (plus.size() < word.size() && (plus == "git" || plus == "hg" || plus == "svn" || plus == "bzr"));
}

// "name @ …" and "name[extra]@…": a requirement, though it may end like a path.
bool names_a_url(std::string_view word) {
  const auto at = word.find('@');
  if (at == std::string_view::npos) return false;
  auto left = trim(word.substr(0, at));
  if (const auto open = left.find('['); open != std::string_view::npos && left.ends_with(']'))
    left = trim(left.substr(0, open));
  return pep::is_valid_name(left);
}

bool looks_like_path(std::string_view word) {
  return word.find('/') != std::string_view::npos || word.starts_with('.') || is_wheel_name(word) ||
         pep::is_archive_name(word);
}

// What stands around a path or URL: extras and a marker.
struct Dressed {
  std::string place;
  std::vector<pep::Name> extras;
  pep::Marker marker;
};

// A ';' inside a URL belongs to it, unless white space follows or precedes (pip, PEP 508).
std::size_t marker_start(std::string_view word, bool is_url) {
  for (auto at = word.find(';'); at != std::string_view::npos; at = word.find(';', at + 1)) {
    if (!is_url || (at > 0 && is_ascii_space(word[at - 1])) || (at + 1 < word.size() && is_ascii_space(word[at + 1])))
      return at;
  }
  return std::string_view::npos;
}

Result<std::vector<pep::Name>> extras_of(std::string_view list) {
  std::vector<pep::Name> extras;
  for (const auto piece : split(list, ',')) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(trim(piece)));
    extras.push_back(std::move(name));
  }
  std::ranges::sort(extras);
  extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
  return extras;
}

Result<Dressed> undress(std::string_view word, bool is_url) {
  Dressed dressed;
  const auto semicolon = marker_start(word, is_url);
  if (semicolon != std::string_view::npos) {
    PKG_TRY_ASSIGN(dressed.marker, pep::Marker::parse(trim(word.substr(semicolon + 1))));
    word = trim(word.substr(0, semicolon));
  }
  const auto open = word.rfind('[');
  if (word.ends_with(']') && open != std::string_view::npos && open > 0 && word[open - 1] != '/') {
    PKG_TRY_ASSIGN(dressed.extras, extras_of(word.substr(open + 1, word.size() - open - 2)));
    word = trim(word.substr(0, open));
  }
  dressed.place = word;
  return dressed;
}

Error not_there(std::string_view word) {
  return make_error(ErrorKind::not_found, cat("no such file or folder: ", quote(word)));
}

// Where `path` is: below the working folder, else beside the file that names it.
Result<stdfs::path> existing_path(std::string_view path, const WordPlace& place) {
  for (const auto* folder : {&place.folder, &place.beside}) {
    if (folder->empty()) continue;
    auto full = (*folder / path).lexically_normal();
    if (!full.has_filename()) full = full.parent_path();  // "dir/" is "dir"
    if (fs::exists(full)) return full;
  }
  return not_there(path);
}

Result<std::string> url_of_path(std::string_view path, const WordPlace& place) {
  PKG_TRY_ASSIGN(const auto full, existing_path(path, place));
  const auto name = full.filename().string();
  if (!fs::is_directory(full) && !is_wheel_name(name) && !pep::is_archive_name(name)) {
    return make_error(ErrorKind::bad_data, cat(quote(path), " is neither a wheel, nor a source archive, nor a folder"),
                      "a file of requirements is read with -r");
  }
  return url::path_to_file_url(full.string());
}

// "file:relative" and "file:./relative#subdirectory=x" as absolute URLs; others as they are.
Result<std::string> absolute_url(const std::string& text, const WordPlace& place) {
  if (!to_ascii_lower(std::string_view(text).substr(0, 5)).starts_with("file:") || text.find(":/") == 4) return text;
  const auto fragment = std::min(text.find('#'), text.size());
  PKG_TRY_ASSIGN(const auto path,
                 existing_path(url::percent_decode(std::string_view(text).substr(5, fragment - 5)), place));
  return url::path_to_file_url(path.string()) + text.substr(fragment);
}

struct NamedUrl {
  std::string url;
  std::optional<pep::Name> name;
  std::vector<pep::Name> extras;  // of "#egg="
};

// Archive names of code hosts (…/archive/v1.0.tar.gz) are made from tags: they name the project by chance only.
bool is_made_from_tag(std::string_view url) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"/archive/", "/archives/", "/tarball/", "/zipball/", "/refs/"},
      [&](std::string_view part) { return url.find(part) != std::string_view::npos; });
}

Status take_egg(const std::string& egg, NamedUrl& named) {
  PKG_TRY_ASSIGN(const auto requirement, pep::Requirement::parse(egg));
  if (!requirement.specifiers.empty() || !requirement.url.empty()) {
    return make_error(ErrorKind::bad_data, cat("`#egg=", printable(egg), "` holds more than a name and extras"));
  }
  named.name = requirement.name;
  named.extras = requirement.extras;
  return ok_status();
}

Error no_project(const stdfs::path& folder) {
  const auto requirements = folder / "requirements.txt";
  return make_error(ErrorKind::not_found,
                    cat(quote(folder.string()), " is no project: it has neither `pyproject.toml` nor `setup.py`"),
                    fs::exists(requirements)
                        ? cat("its requirements are read with -r: -r ", printable(requirements.string()))
                        : cat("`pkg init` makes a pyproject.toml; a file of requirements is read with -r"));
}

// An existing folder with a project in it; its name, where a file says it.
Result<std::optional<pep::Name>> look_at_folder(const SourceUrl& source) {
  PKG_TRY_ASSIGN(const stdfs::path root, url::file_url_to_path(source.url));
  const auto tree = source.subdirectory.empty() ? root : root / source.subdirectory;
  if (!fs::exists(tree)) return not_there(tree.string());
  if (!fs::is_directory(tree))
    return make_error(ErrorKind::bad_data,
                      cat(quote(tree.string()), " is neither a wheel, nor a source archive, nor a folder"));
  if (!fs::exists(tree / "pyproject.toml") && !fs::exists(tree / "setup.py")) {
    return no_project(tree);
  }
  return builder::static_name(tree);
}

Status must_be_there(const std::string& url) {
  if (!url.starts_with("file:")) return ok_status();
  PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(url));
  return fs::exists(path) ? ok_status() : Status(not_there(path));
}

Result<NamedUrl> named_source(const std::string& url, WordForm form) {
  NamedUrl named{canonical_source(url), {}, {}};
  const auto file_name = url::file_name(url);
  if (is_wheel_name(file_name)) {
    if (form == WordForm::editable)
      return make_error(ErrorKind::usage, cat(quote(file_name), " is a wheel, and cannot be editable"));
    PKG_TRY_ASSIGN(const auto wheel, pep::WheelName::parse(file_name));
    PKG_TRY(must_be_there(url));
    named.name = wheel.name;
    return named;
  }
  PKG_TRY_ASSIGN(const auto source, SourceUrl::parse(url));
  if (!source.egg.empty()) PKG_TRY(take_egg(source.egg, named));
  if (source.kind == SourceUrl::Kind::folder) {
    PKG_TRY_ASSIGN(auto found, look_at_folder(source));
    if (found) named.name = std::move(found);
  } else if (source.kind == SourceUrl::Kind::sdist) {
    if (form == WordForm::editable) {
      return make_error(ErrorKind::usage,
                        cat(quote(url::redact(url)), " is an archive, and only folders and checkouts can be editable"));
    }
    PKG_TRY(must_be_there(source.url));
    const auto sdist = pep::SdistName::parse(file_name);
    if (sdist && !named.name && source.subdirectory.empty() && !is_made_from_tag(source.url)) named.name = sdist->name;
  }
  return named;
}

Input dressed_input(NamedUrl named, Dressed dressed, WordForm form, const Origin& origin) {
  auto extras = std::move(dressed.extras);
  extras.insert(extras.end(), named.extras.begin(), named.extras.end());
  std::ranges::sort(extras);
  extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
  if (!named.name) {
    UnnamedInput unnamed;
    unnamed.url = std::move(named.url);
    unnamed.extras = std::move(extras);
    unnamed.marker = std::move(dressed.marker);
    unnamed.editable = form == WordForm::editable;
    unnamed.origin = origin;
    return unnamed;
  }
  pep::Requirement requirement;
  requirement.name_as_written = named.name->str();
  requirement.name = *std::move(named.name);
  requirement.extras = std::move(extras);
  requirement.url = std::move(named.url);
  requirement.marker = std::move(dressed.marker);
  requirement.origin = origin;
  return requirement;
}

// `pkg install requirements.txt`: nobody means a project of that name.
Status refuse_forgotten_option(const std::string& word, const WordPlace& place) {
  if (place.origin != Origin::command_line() || !looks_like_requirements_file(word) || !fs::exists(place.folder / word))
    return ok_status();
  return make_error(ErrorKind::usage, cat(quote(word), " is a file here, expected the name of a project"),
                    cat("a file of requirements is read with -r: -r ", word));
}

Result<Input> requirement_input(const std::string& word, const WordPlace& place, WordForm form) {
  PKG_TRY(refuse_forgotten_option(word, place));
  PKG_TRY_ASSIGN(auto requirement, pep::Requirement::parse(word));
  if (!requirement.url.empty()) {
    auto source = absolute_source(requirement.url, place);
    if (!source && pep::Version::parse(requirement.url).ok())
      return std::move(source).error().with_hint(
          cat("a version is written ", requirement.name.str(), "==", requirement.url));
    PKG_TRY_ASSIGN(requirement.url, std::move(source));
  } else if (form == WordForm::editable) {
    return make_error(ErrorKind::usage,
                      cat(quote(word), " cannot be editable: it is neither a folder nor a version control URL"),
                      "pkg install -e FOLDER");
  }
  requirement.origin = place.origin;
  return Input(std::move(requirement));
}

// pip's old ways with editables: a folder needs no slash, and "git:https://…" is "git+https://…".
std::string editable_word(const std::string& word) {
  for (const std::string_view vcs : {"git", "hg", "svn", "bzr"}) {
    if (word.starts_with(cat(vcs, ":")) && !word.starts_with(cat(vcs, "://")))
      return cat(vcs, "+", word.substr(vcs.size() + 1));
  }
  return word;
}

bool is_path(const std::string& word, const WordPlace& place, WordForm form) {
  if (names_a_url(word)) return fs::exists(place.folder / word);
  if (looks_like_path(std::string_view(word).substr(0, word.find(';')))) return true;
  const auto dressed = undress(word, false);
  if (!dressed) return false;
  return looks_like_path(dressed->place) ||
         (form == WordForm::editable && fs::is_directory(place.folder / dressed->place));
}

Result<Input> read_word(const std::string& given, const WordPlace& place, WordForm form) {
  const auto word = form == WordForm::editable ? editable_word(given) : given;
  const bool is_url = is_source_url(word);
  if (!is_url && !is_path(word, place, form)) return requirement_input(word, place, form);
  PKG_TRY_ASSIGN(auto dressed, undress(word, is_url));
  PKG_TRY_ASSIGN(const auto url, is_url ? absolute_url(dressed.place, place) : url_of_path(dressed.place, place));
  PKG_TRY_ASSIGN(auto named, named_source(url, form));
  return dressed_input(std::move(named), std::move(dressed), form, place.origin);
}

}  // namespace

Error asked_for_by(const Origin& origin, Error error) {
  return origin == Origin::command_line() ? error : std::move(error).with(cat("asked for by ", origin.to_string()));
}

bool looks_like_requirements_file(std::string_view word) {
  const auto lower = to_ascii_lower(word);
  return lower.ends_with(".txt") || lower.ends_with(".in") || lower.ends_with(".toml");
}

Result<std::string> absolute_source(const std::string& url, const WordPlace& place) {
  if (!is_source_url(url)) return url_of_path(url, place);
  PKG_TRY_ASSIGN(const auto absolute, absolute_url(url, place));
  if (!is_wheel_name(url::file_name(absolute))) PKG_TRY(SourceUrl::parse(absolute));
  return canonical_source(absolute);
}

std::string canonical_source(const std::string& url) {
  const bool is_file = url.starts_with("file:");
  if (!is_file && url.find('#') == std::string::npos) return url;
  auto source = SourceUrl::parse(url);
  if (!source || (!is_file && source->egg.empty())) return url;
  source->egg.clear();
  return source->to_string();
}

Result<Input> input_from_word(const std::string& word, const WordPlace& place, WordForm form) {
  auto read = read_word(std::string(trim(word)), place, form);
  return read ? std::move(read) : asked_for_by(place.origin, std::move(read).error());
}

}  // namespace pkg::ops
