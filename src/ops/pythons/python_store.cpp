// The folder, with everything that may be in it:
//
//   .lock                                   held by the command that changes something here
//   .new-…/, .old-…/                        what a command is about to put in place, or to delete
//   cpython-3.13.5-linux-x86_64-gnu/        an interpreter
//   cpython-3.13-linux-x86_64-gnu           a link to the newest patch release of 3.13
//
// An interpreter comes to its name by one rename, and leaves it by one, so that a command that reads the folder,
// without the lock, sees it whole or not at all. The links follow from the folders: every command that holds the lock
// makes them right when it begins and when it ends, and so finishes what a killed one left. The temporary folders
// belong to the holder of the lock; those that are there when somebody gets it are nobody's.
//
// Before the rename everything is on the disk (syncfs): a machine that loses its power keeps the old or the new state,
// too. The interpreter is started once where it was unpacked: it needs nothing of its final place to start, and one
// that this machine cannot run never gets a name.

#include "ops/pythons/python_store.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/fs_names.h"
#include "base/hash_file.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/pythons/python_relocate.h"
#include "ops/pythons/python_unpack.h"
#include "pep/dist_file.h"
#include "pep/version.h"
#include "venv/replace.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr double kPatience_s = 600, kStart_s = 60;
constexpr std::string_view kNew = ".new-", kOld = ".old-";

// ---- what comes

pep::DistFile file_of(const CatalogEntry& entry) {
  pep::DistFile file;
  file.url = entry.url.with_credentials();
  file.file_name = url::file_name(file.url);
  file.hashes = {{hash::Algorithm::sha256, entry.sha256_hex}};
  if (entry.size_bytes > 0) file.size_bytes = entry.size_bytes;
  file.index = "the catalogue of Pythons";
  return file;
}

Result<stdfs::path> fetched(const CatalogEntry& entry, const stdfs::path& folder, Session& session) {
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(auto path, index->download(file_of(entry), folder));
  // --no-verify-hashes is about packages.
  if (!session.settings().verify_hashes) {
    PKG_TRY_ASSIGN(const auto found, hash::hex_of_file(path));
    if (found != entry.sha256_hex)
      return make_error(ErrorKind::hash_mismatch, cat(quote(entry.url), " has the sha256 ", found,
                                                      ", and the catalogue "
                                                      "of Pythons says ",
                                                      entry.sha256_hex));
  }
  return path;
}

// ---- whether it runs here

// "version `GLIBC_2.38' not found": the newest that it lacks. Empty: it says nothing of the kind.
std::string missing_libc(std::string_view said) {
  constexpr std::string_view kName = "GLIBC_";
  std::string newest;
  if (said.find("not found") == std::string_view::npos) return newest;
  for (auto at = said.find(kName); at != std::string_view::npos; at = said.find(kName, at + 1)) {
    const auto rest = said.substr(at + kName.size());
    const auto end = std::ranges::find_if(rest, [](char c) { return !is_ascii_digit(c) && c != '.'; });
    const std::string version(rest.begin(), end);
    const auto one = pep::Version::try_parse(version), other = pep::Version::try_parse(newest);
    if (one && (!other || *one > *other)) newest = version;
  }
  return newest;
}

Error does_not_start(const venv::PythonKey& key, const process::Output& output) {
  const auto libc = missing_libc(output.err);
  if (!libc.empty())
    return make_error(ErrorKind::unsupported,
                      cat(key.name(), " needs glibc ", libc, " or newer, which this machine does not have"),
                      "nothing was installed; an older build may need less");
  const auto lines = split_lines(trim(output.err));
  return make_error(ErrorKind::unsupported,
                    cat(key.name(), " does not start on this machine: ",
                        output.timed_out ? std::string("no answer")
                        : lines.empty()  ? cat("exit code ", output.exit_code)
                                         : printable(lines.back())),
                    "nothing was installed");
}

constexpr const char* kAskIt =
    "import sys\n"
    "v = sys.version_info\n"
    "r = '' if v[3] == 'final' else {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}[v[3]] + str(v[4])\n"
    "t = 't' if 't' in getattr(sys, 'abiflags', '') else ''\n"
    "d = 'd' if hasattr(sys, 'gettotalrefcount') else ''\n"
    "print('pkg:', sys.implementation.name, '%d.%d.%d%s' % (v[0], v[1], v[2], r), '-' + t + d)\n";

// Starts it, without leaving bytecode that names the folder it is in now.
Status check_start(const stdfs::path& unpacked, const venv::PythonKey& key, const CancelToken& cancel) {
  process::Command command;
  command.argv = {venv::program_in(unpacked, key).native(), "-I", "-S", "-B", "-c", kAskIt};
  command.directory = "/";
  command.timeout_s = kStart_s;
  command.output_limit_bytes = 1u << 20;
  command.is_cancelled = [&cancel] { return cancel.is_cancelled(); };
  const auto started = process::run(command);
  if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  if (!started)
    return make_error(ErrorKind::unsupported,
                      cat(key.name(), " does not start on this machine: ", started.error().message),
                      "nothing was installed");
  if (started->exit_code != 0 || started->timed_out) return does_not_start(key, *started);
  const auto expected =
      cat("pkg: ", key.implementation, " ", key.version, " -", key.gil_disabled ? "t" : "", key.debug ? "d" : "");
  const auto said = trim(started->out);
  if (said == expected) return ok_status();
  return make_error(ErrorKind::bad_data, cat("the archive of ", key.name(), " holds another Python: it says ",
                                             quote(said.substr(0, 200)), ", expected ", quote(expected)));
}

// ---- how it comes to its place

Status note_origin(const stdfs::path& unpacked, const CatalogEntry& entry) {
  json::Json note;
  note["name"] = entry.key.name();
  note["build"] = entry.build;
  note["url"] = entry.url.shown();
  note["sha256"] = entry.sha256_hex;
  return fs::publish(unpacked / ".pkg-python.json", cat(json::dump(note, 2), "\n"));
}

Status sync(const stdfs::path& folder) {
  PKG_TRY_ASSIGN(const auto fd, fs::open_directory(folder));
#ifdef __linux__
  if (::syncfs(fd.get()) != 0) return fs::errno_error("cannot sync", folder, errno);
#else
  if (::fsync(fd.get()) != 0) return fs::errno_error("cannot sync", folder, errno);
#endif
  return ok_status();
}

// `aside`: where what was there goes, on file systems that cannot exchange two folders.
Status put_in_place(const stdfs::path& unpacked, const stdfs::path& place, const stdfs::path& aside) {
  if (!fs::exists(place)) {
    PKG_TRY_ASSIGN(const auto placed, venv::put_where_nothing_was(unpacked, place));
    if (placed == venv::Placed::done) return ok_status();
  } else {
    PKG_TRY_ASSIGN(const auto placed, venv::exchange(unpacked, place));
    if (placed == venv::Placed::done) return ok_status();
    if (::rename(place.c_str(), aside.c_str()) != 0) return fs::errno_error("cannot move", place, errno);
  }
  if (::rename(unpacked.c_str(), place.c_str()) != 0) return fs::errno_error("cannot make", place, errno);
  return ok_status();
}

Status make_link(const stdfs::path& link, const std::string& target) {
  std::error_code failed;
  if (stdfs::read_symlink(link, failed) == target && !failed) return ok_status();
  const auto beside = link.parent_path() / cat(kNew, fs::unique_suffix());
  if (::symlink(target.c_str(), beside.c_str()) != 0) return fs::errno_error("cannot make", beside, errno);
  if (::rename(beside.c_str(), link.c_str()) == 0) return ok_status();
  const int failure = errno;
  ::unlink(beside.c_str());
  return fs::errno_error("cannot make", link, failure);
}

}  // namespace

Result<stdfs::path> python_folder() {
  auto root = venv::managed_folder();
  if (!root.empty()) return root;
  if (const char* named = process_environment()("PKG_PYTHON_DIR"); named != nullptr && *named != '\0')
    return make_error(ErrorKind::usage, cat("PKG_PYTHON_DIR is ", quote(named), ", which is not an absolute path"));
  return make_error(ErrorKind::not_found, "there is no folder for Pythons: HOME is not set",
                    "set PKG_PYTHON_DIR to a folder");
}

Result<PythonStore> PythonStore::open() {
  PKG_TRY_ASSIGN(auto root, python_folder());
  PKG_TRY(fs::make_dirs(root));
  PKG_TRY_ASSIGN(auto lock, fs::FileLock::acquire(root / ".lock", fs::LockMode::exclusive, kPatience_s));
  PythonStore store(std::move(root), std::move(lock));
  store.remove_leftovers();
  PKG_TRY(store.settle_links());
  return store;
}

std::optional<venv::ManagedPython> PythonStore::find(const venv::PythonKey& key) const {
  for (auto& python : pythons())
    if (python.key == key) return std::move(python);
  return std::nullopt;
}

Result<venv::ManagedPython> PythonStore::install(const CatalogEntry& entry, Session& session) {
  const auto doing = [&] { return cat("while installing ", entry.key.name()); };
  const auto place = root_ / entry.key.name();
  PKG_TRY_ASSIGN(const auto stage, fs::TempDir::create(root_, std::string(kNew)));
  PKG_TRY_ASSIGN(const auto archive, fetched(entry, stage.path(), session).with(doing));
  session.reporter().step("Unpacking", entry.key.name(), 0, 0);
  const auto into = stage.path() / "unpacked";
  PKG_TRY(fs::make_dirs(into));
  PKG_TRY_ASSIGN(const auto unpacked, unpack_python(archive, archive.filename().native(), into).with(doing));
  if (session.cancel().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  PKG_TRY(settle_python(unpacked, place, entry.key).with(doing));
  PKG_TRY(check_start(unpacked, entry.key, session.cancel()).with(doing));
  PKG_TRY(note_origin(unpacked, entry));
  PKG_TRY(sync(unpacked));
  PKG_TRY(put_in_place(unpacked, place, stage.path() / "replaced").with(doing));
  PKG_TRY(settle_links());
  PKG_TRY(sync(root_));
  auto installed = find(entry.key);
  if (installed) return std::move(*installed);
  return make_error(ErrorKind::internal, cat(entry.key.name(), " is not where it was put"));
}

Status PythonStore::remove(const venv::ManagedPython& python) {
  PKG_TRY(settle_links(&python.key));  // first: what leads through them goes on with another patch release
  const auto aside = root_ / cat(kOld, fs::unique_suffix());
  if (::rename(python.folder.c_str(), aside.c_str()) != 0)
    return fs::errno_error("cannot remove", python.folder, errno);
  return fs::remove_tree(aside);
}

void PythonStore::remove_leftovers() const {
  const auto names = fs::list_dir(root_);
  if (!names) return;
  for (const auto& name : *names)
    if (name.starts_with(kNew) || name.starts_with(kOld)) (void)fs::remove_tree(root_ / name);
}

// The links as they are to be, as if `without` were gone.
Status PythonStore::settle_links(const venv::PythonKey* without) const {
  std::map<std::string, std::string> newest;  // link → folder
  for (const auto& python : pythons()) {
    if (without == nullptr || python.key != *without) newest.try_emplace(python.key.minor_name(), python.key.name());
  }
  for (const auto& [link, target] : newest) PKG_TRY(make_link(root_ / link, target));
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(root_));
  for (const auto& name : names) {
    std::error_code failed;
    const auto target = stdfs::read_symlink(root_ / name, failed);
    if (failed || newest.contains(name) || !venv::parse_python_key(target.native())) continue;
    if (::unlink((root_ / name).c_str()) != 0 && errno != ENOENT)
      return fs::errno_error("cannot remove", root_ / name, errno);
  }
  return ok_status();
}

}  // namespace pkg::ops
