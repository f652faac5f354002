#include "ops/pythons/pythons.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "base/user_folders.h"
#include "base/user_programs.h"
#include "ops/pythons/python_store.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/python_version_file.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// ---- the catalogue

// A catalogue says which bytes are run here. Somebody who changes it on the way could say anything.
Status check_address(const std::string& address, const index::Settings& settings) {
  if (!address.starts_with("http:")) return ok_status();
  PKG_TRY_ASSIGN(const auto url, url::Url::parse(address));
  const auto is_named = [&](const std::string& host) {
    return host == url.host || host == cat(url.host, ":", url.port);
  };
  if (url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.") ||
      std::ranges::any_of(settings.trusted_hosts, is_named))
    return ok_status();
  return make_error(ErrorKind::usage,
                    cat("the catalogue of Pythons ", quote(url::redact(address)),
                        " would come without encryption, and says which programs are installed"),
                    cat("use https, or --trusted-host ", url.host));
}

std::string file_address(const std::string& catalog, const Session& session) {
  if (url::is_url(catalog)) return catalog;
  return url::path_to_file_url((session.working_folder() / catalog).lexically_normal().native());
}

// ---- requests

Result<venv::InterpreterRequest> request_of(const std::string& text) {
  auto parsed = text.empty() ? std::nullopt : venv::parse_request(text);
  if (parsed) return std::move(*parsed);
  return make_error(ErrorKind::usage, cat(quote(text), " names no version of Python"),
                    "a version is 3.13, 3.13t, '>=3.12', pypy3.11 or cpython-3.12-linux-x86_64-gnu");
}

// Without words: `.python-version`, as venv and run have it, else any.
std::vector<std::string> requests_of(const PythonInstallOptions& options, const Session& session) {
  if (!options.requests.empty()) return options.requests;
  const auto config = user_config_folder(process_environment());
  const auto file =
      venv::find_python_version_file(session.working_folder(), {}, config.empty() ? config : config / "pkg");
  if (file && !file->request.empty() && venv::parse_request(file->request)) return {file->request};
  return {"cpython"};
}

std::string installable(const PythonCatalog& catalog) {
  std::vector<std::string> names;
  for (const auto* entry : catalog.newest(venv::host_platform())) {
    if (names.size() == 8) break;
    const auto variant = entry->key.variant();
    names.push_back(cat(entry->key.implementation == "cpython" ? "" : cat(entry->key.implementation, " "),
                        entry->key.version, variant.empty() ? "" : cat("+", variant)));
  }
  return names.empty() ? std::string("it has none for this machine") : cat("it has ", join(names, ", "));
}

Result<const CatalogEntry*> entry_for(const std::string& text, const PythonCatalog& catalog) {
  PKG_TRY_ASSIGN(const auto request, request_of(text));
  if (const auto* entry = catalog.best(request, venv::host_platform())) return entry;
  return make_error(ErrorKind::not_found, cat("the catalogue of Pythons has none for ", quote(text)),
                    installable(catalog));
}

// ---- the user's links

std::vector<std::string> link_names(const venv::ManagedPython& python, bool is_default) {
  std::vector<std::string> names{python.python.filename().native()};
  if (is_default) names.insert(names.end(), {"python3", "python"});
  return names;
}

// The folder is not on PATH: a link there does nothing yet.
void warn_of_path(const stdfs::path& folder, Session& session) {
  if (user_programs::is_on_path(folder)) return;
  session.reporter().warning(cat("the folder ", quote(folder.native()), " is not in PATH: its programs are not found"));
}

Status add_links(const venv::ManagedPython& python, const PythonInstallOptions& options, const stdfs::path& root,
                 PythonChange& change, Session& session) {
  if (!options.links && !options.is_default) return ok_status();
  PKG_TRY_ASSIGN(const auto folder, user_programs::folder());
  for (const auto& name : link_names(python, options.is_default)) {
    PKG_TRY(user_programs::place(folder / name, python.stable_python, root, options.force));
    change.links.push_back(folder / name);
  }
  warn_of_path(folder, session);
  return ok_status();
}

// Ours that lead nowhere any more.
Result<std::vector<stdfs::path>> remove_dead_links(const stdfs::path& root) {
  std::vector<stdfs::path> removed;
  const auto folder = user_programs::folder();
  const auto names = folder ? fs::list_dir(*folder) : folder.error();
  if (!names) return removed;
  for (const auto& name : *names) {
    if (!name.starts_with("python") && !name.starts_with("pypy")) continue;
    const auto link = *folder / name;
    std::error_code failed;
    if (user_programs::holder(link, root) != user_programs::Holder::ours || stdfs::exists(link, failed)) continue;
    PKG_TRY_ASSIGN(const bool is_gone, user_programs::remove(link, root));
    if (is_gone) removed.push_back(link);
  }
  return removed;
}

// ---- steps

Status check_allowed(const Session& session) {
  if (session.python_options().downloads != PythonDownloads::never) return ok_status();
  return make_error(ErrorKind::usage, "no Python is installed here: python-downloads is `never`",
                    "leave out --no-python-downloads, or set python-downloads to `manual`");
}

std::string in_megabytes(std::uint64_t bytes) { return cat((bytes + 500'000) / 1'000'000, " MB"); }

Result<PythonChange> install_one(const CatalogEntry& entry, bool reinstall, PythonStore& store, Session& session) {
  PythonChange change;
  change.key = entry.key;
  if (auto there = store.find(entry.key); there && !reinstall) {
    change.python = there->stable_python;
    return change;
  }
  PKG_TRY_ASSIGN(const auto installed, store.install(entry, session));
  change.kind = PythonChange::Kind::installed;
  change.python = installed.stable_python;
  return change;
}

// Those that the requests mean, newest first; all of them without requests.
Result<std::vector<venv::ManagedPython>> meant(const std::vector<std::string>& requests, const PythonStore& store) {
  auto all = store.pythons();
  if (requests.empty()) return all;
  std::vector<venv::ManagedPython> found;
  for (const auto& text : requests) {
    PKG_TRY_ASSIGN(const auto request, request_of(text));
    const auto before = found.size();
    for (const auto& python : all) {
      const auto is_it = [&](const auto& other) { return other.key == python.key; };
      if (request.accepts(python.key, true) && std::ranges::none_of(found, is_it)) found.push_back(python);
    }
    const bool is_repeated =
        std::ranges::any_of(found, [&](const auto& one) { return request.accepts(one.key, true); });
    if (found.size() == before && !is_repeated)
      return make_error(ErrorKind::not_found, cat("no Python that pkg installed is meant by ", quote(text)),
                        "`pkg python list` marks them");
  }
  return found;
}

// ---- on demand

// What the user can type.
std::string how_to_install(const std::string& request) {
  const bool is_plain = std::ranges::all_of(request, [](char c) { return is_ascii_alnum(c) || c == '.' || c == '-'; });
  return cat("`pkg python install", request.empty() ? "" : " ", is_plain ? request : cat("'", request, "'"),
             "` installs one");
}

bool may_come_unasked(Session& session, bool may_install) {
  return may_install && session.python_options().downloads == PythonDownloads::automatic;
}

}  // namespace

bool is_catalog_at_hand(const Session& session) {
  const auto& catalog = session.python_options().catalog;
  return !catalog.empty() && (!url::is_url(catalog) || catalog.starts_with("file:"));
}

Result<PythonCatalog> load_python_catalog(Session& session) {
  const auto& options = session.python_options();
  if (options.catalog.empty())
    return make_error(ErrorKind::usage, "there is no catalogue of Pythons that could be installed",
                      "set python-catalog, or PKG_PYTHON_CATALOG, to a file or an address");
  const auto address = file_address(options.catalog, session);
  const auto shown = url::is_url(options.catalog) ? url::redact(options.catalog) : options.catalog;
  const auto doing = [&] { return cat("while reading the catalogue of Pythons ", quote(shown)); };
  PKG_TRY(check_address(address, session.settings()));
  std::string text;
  if (address.starts_with("file:")) {
    PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(address));
    PKG_TRY_ASSIGN(text, fs::read_file_at_most(path, limits::kText).with(doing));
  } else {
    PKG_TRY_ASSIGN(auto* index, session.index());
    PKG_TRY_ASSIGN(text, index->text(address).with(doing));
  }
  return parse_python_catalog(text, address, options.mirror).with(doing);
}

Result<std::vector<PythonChange>> install_pythons(const PythonInstallOptions& options, Session& session) {
  PKG_TRY(check_allowed(session));
  PKG_TRY_ASSIGN(const auto catalog, load_python_catalog(session));
  std::vector<const CatalogEntry*> entries;
  for (const auto& text : requests_of(options, session)) {
    PKG_TRY_ASSIGN(const auto* entry, entry_for(text, catalog));
    entries.push_back(entry);
  }
  PKG_TRY_ASSIGN(auto store, PythonStore::open());
  std::vector<PythonChange> changes;
  for (const auto* entry : entries) {
    PKG_TRY_ASSIGN(auto change, install_one(*entry, options.reinstall, store, session));
    if (const auto installed = store.find(entry->key))
      PKG_TRY(add_links(*installed, options, store.root(), change, session));
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<std::vector<PythonChange>> upgrade_pythons(const std::vector<std::string>& requests, Session& session) {
  PKG_TRY(check_allowed(session));
  PKG_TRY_ASSIGN(const auto catalog, load_python_catalog(session));
  PKG_TRY_ASSIGN(auto store, PythonStore::open());
  PKG_TRY_ASSIGN(const auto pythons, meant(requests, store));
  std::map<std::string, bool> seen;
  std::vector<PythonChange> changes;
  for (const auto& python : pythons) {  // newest first: of each version the first is what its link leads to
    if (!seen.try_emplace(python.key.minor_name(), true).second) continue;
    const auto* entry = catalog.best_like(python.key);
    if (entry == nullptr || !venv::is_older(python.key, entry->key)) {
      changes.push_back({.key = python.key, .from_version = {}, .python = python.stable_python, .links = {}});
      continue;
    }
    PKG_TRY_ASSIGN(auto change, install_one(*entry, false, store, session));
    change.kind = PythonChange::Kind::upgraded;
    change.from_version = python.key.version;
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<std::vector<PythonChange>> uninstall_pythons(const std::vector<std::string>& requests, bool all) {
  if (requests.empty() == !all)
    return make_error(ErrorKind::usage,
                      all ? "--all and a version exclude each other" : "which Python is to be removed?",
                      "name a version, or --all");
  PKG_TRY_ASSIGN(auto store, PythonStore::open());
  PKG_TRY_ASSIGN(const auto pythons, meant(requests, store));
  std::vector<PythonChange> changes;
  for (const auto& python : pythons) {
    PKG_TRY(store.remove(python));
    changes.push_back({.kind = PythonChange::Kind::removed,
                       .key = python.key,
                       .from_version = {},
                       .python = python.python,
                       .links = {}});
  }
  PKG_TRY_ASSIGN(auto links, remove_dead_links(store.root()));
  if (!changes.empty()) changes.back().links = std::move(links);
  return changes;
}

Result<venv::Interpreter> find_or_install_python(const std::string& request, const venv::Leave& leave, Session& session,
                                                 bool may_install) {
  auto found = venv::find_interpreter(request, session.cache_dir(), leave);
  if (found || found.error().kind != ErrorKind::not_found || session.python_options().catalog.empty()) return found;
  const auto parsed = venv::parse_request(request);
  if (request.find('/') != std::string::npos || !parsed || fs::exists(request)) return found;
  const auto wish = request.empty() ? std::string("cpython") : request;
  if (!may_come_unasked(session, may_install)) {
    found.error().hint = session.python_options().downloads == PythonDownloads::never
                             ? cat(how_to_install(request), ", with --python-downloads manual")
                             : how_to_install(request);
    return found;
  }
  const auto fail = [&](Error why) -> Result<venv::Interpreter> {
    if (why.kind == ErrorKind::interrupted) return why;
    auto error = std::move(found).error();
    error.context.push_back(cat("and none could be installed: ", why.message));
    if (!why.hint.empty()) error.hint = why.hint;
    return error;
  };
  const auto catalog = load_python_catalog(session);
  if (!catalog) return fail(catalog.error());
  const auto* entry = catalog->best(*parsed, venv::host_platform());
  if (entry == nullptr)
    return fail(make_error(ErrorKind::not_found, "the catalogue of Pythons has none", installable(*catalog)));
  session.reporter().notice(cat("Installing ", entry->key.name(),
                                entry->size_bytes > 0 ? cat(" (", in_megabytes(entry->size_bytes), ")") : "",
                                ": there is no Python here for ", quote(wish)));
  auto store = PythonStore::open();
  if (!store) return fail(store.error());
  const auto change = install_one(*entry, false, *store, session);
  if (!change) return fail(change.error());
  return venv::find_interpreter(request, session.cache_dir(), leave);
}

}  // namespace pkg::ops
