// pylock.toml, read: the keys of the standard are checked wherever they stand, whether we use them or not.
// Ignored are unknown keys, attestation identities beyond their form, and `dependencies` that make no sense (they
// only inform).

#include <algorithm>

#include "base/text.h"
#include "lock/fields.h"
#include "lock/locked_name.h"
#include "lock/pylock.h"
#include "lock/pylock_tool.h"
#include "lock/quick_toml.h"
#include "pep/filename.h"

namespace pkg::lock {
namespace {

Result<pep::Name> name_of(const Fields& fields, std::string_view key, std::string_view text) {
  auto name = pep::Name::parse(text);
  if (!name) return fields.in(key, std::move(name).error());
  if (name->str() != text)
    return fields.wrong(key, cat("is ", quote(text), ", expected the normal form ", quote(name->str())));
  return name;
}

Status read_specifiers(const Fields& fields, std::string_view key, std::optional<pep::SpecifierSet>& out) {
  if (!fields.has(key)) return ok_status();
  std::string text;
  PKG_TRY(fields.text(key, text));
  auto parsed = pep::SpecifierSet::parse(text);
  if (!parsed) return fields.in(key, std::move(parsed).error());
  out = std::move(parsed).value();
  return ok_status();
}

Status check_lock_version(const Fields& root, std::string& out) {
  PKG_TRY(root.required_text("lock-version", out));
  const auto version = pep::Version::parse(out);
  if (!version) return root.in("lock-version", version.error());
  const bool is_known = version->epoch() == 0 && version->release()[0] == 1 &&
                        *version >= pep::Version::from_release(std::vector<std::uint64_t>{1});
  if (is_known) return ok_status();
  Error error = root.wrong("lock-version", cat("is ", quote(out), ", and this program reads 1.x only"));
  error.kind = ErrorKind::unsupported;
  return error;
}

Status read_environments(const Fields& root, LockFile& lock) {
  std::vector<std::string> texts;
  PKG_TRY(root.texts("environments", texts));
  for (const auto& text : texts) {
    auto marker = pep::Marker::parse(text);
    if (!marker) return root.in("environments", std::move(marker).error());
    lock.environments.push_back(std::move(marker).value());
  }
  lock.no_environments = root.has("environments") && texts.empty();
  return ok_status();
}

// Extras are names in normal form; the standard does not say so of groups.
Status read_selectable(const Fields& root, LockFile& lock) {
  std::vector<std::string> extras, groups, defaults;
  PKG_TRY(root.texts("extras", extras));
  PKG_TRY(root.texts("dependency-groups", groups));
  PKG_TRY(root.texts("default-groups", defaults));
  for (const auto& text : extras) {
    PKG_TRY_ASSIGN(auto extra, name_of(root, "extras", text));
    lock.extras.push_back(std::move(extra));
  }
  const auto normal = [](const std::string& text) { return pep::Name::from_normalized(pep::normalize_name(text)); };
  std::transform(groups.begin(), groups.end(), std::back_inserter(lock.dependency_groups), normal);
  std::transform(defaults.begin(), defaults.end(), std::back_inserter(lock.default_groups), normal);
  return ok_status();
}

Status read_hashes(const Fields& fields, Hashes& out) {
  PKG_TRY_ASSIGN(const auto* table, fields.table("hashes"));
  if (table == nullptr) return fields.missing("hashes");
  for (const auto& [algorithm, value] : *table->as_table()) {
    const auto* hex = value.as_string();
    if (hex == nullptr) return fields.wrong("hashes", cat("holds ", value.type_name(), ", expected strings"));
    out.emplace_back(algorithm, to_ascii_lower(*hex));
  }
  if (out.empty()) return fields.wrong("hashes", "is empty, expected at least one hash");
  std::sort(out.begin(), out.end());
  return ok_status();
}

Status read_file(const Fields& fields, LockedFile& out) {
  PKG_TRY(fields.text("url", out.url));
  PKG_TRY(fields.text("path", out.path));
  PKG_TRY(fields.size("size", out.size_bytes));
  PKG_TRY(fields.date_time("upload-time", out.upload_time));
  if (out.url.empty() && out.path.empty()) return fields.wrong_table("has neither `url` nor `path`");
  return read_hashes(fields, out.hashes);
}

Status read_named_file(const Fields& fields, LockedFile& out) {
  PKG_TRY(read_file(fields, out));
  PKG_TRY(fields.text("name", out.name));
  if (out.name.empty()) out.name = implied_name(out.url, out.path);
  return ok_status();
}

// That a file name says what its package says.
template <class FileName>
Status check_file_name(const Fields& fields, const LockedPackage& package, const Result<FileName>& parsed,
                       const std::string& name) {
  if (!parsed) {
    Error error = fields.wrong_table(cat("is wrong: ", parsed.error().message));
    error.context = parsed.error().context;
    return error;
  }
  if (parsed->name != package.name)
    return fields.wrong_table(cat("is ", quote(name), ", a file of another project than ", quote(package.name.str())));
  if (package.version && parsed->version != *package.version)
    return fields.wrong_table(
        cat("is ", quote(name), ", a file of another version than ", package.version->to_string()));
  return ok_status();
}

Status read_wheels(const Fields& fields, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* items, fields.tables("wheels"));
  if (items == nullptr) return ok_status();
  out.wheels.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields wheel((*items)[i], Place{&fields.place(), "wheels", static_cast<int>(i)}, fields.file_name());
    LockedFile& file = out.wheels.emplace_back();
    PKG_TRY(read_named_file(wheel, file));
    PKG_TRY(check_file_name(wheel, out, pep::WheelName::parse(file.name), file.name));
  }
  return ok_status();
}

Status read_sdist(const Fields& fields, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* table, fields.table("sdist"));
  if (table == nullptr) return ok_status();
  const Fields sdist(*table, Place{&fields.place(), "sdist"}, fields.file_name());
  LockedFile& file = out.sdist.emplace();
  PKG_TRY(read_named_file(sdist, file));
  return check_file_name(sdist, out, pep::SdistName::parse(file.name, &out.name), file.name);
}

Status read_vcs(const Fields& fields, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* table, fields.table("vcs"));
  if (table == nullptr) return ok_status();
  const Fields vcs(*table, Place{&fields.place(), "vcs"}, fields.file_name());
  LockedVcs& read = out.vcs.emplace();
  PKG_TRY(vcs.required_text("type", read.type));
  PKG_TRY(vcs.text("url", read.url));
  PKG_TRY(vcs.text("path", read.path));
  if (read.url.empty() && read.path.empty()) return vcs.wrong_table("has neither `url` nor `path`");
  PKG_TRY(vcs.text("requested-revision", read.requested_revision));
  PKG_TRY(vcs.required_text("commit-id", read.commit_id));
  return vcs.text("subdirectory", read.subdirectory);
}

Status read_directory(const Fields& fields, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* table, fields.table("directory"));
  if (table == nullptr) return ok_status();
  const Fields directory(*table, Place{&fields.place(), "directory"}, fields.file_name());
  LockedDirectory& read = out.directory.emplace();
  PKG_TRY(directory.required_text("path", read.path));
  PKG_TRY(directory.flag("editable", read.editable));
  return directory.text("subdirectory", read.subdirectory);
}

Status read_archive(const Fields& fields, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* table, fields.table("archive"));
  if (table == nullptr) return ok_status();
  const Fields archive(*table, Place{&fields.place(), "archive"}, fields.file_name());
  LockedArchive& read = out.archive.emplace();
  PKG_TRY(read_file(archive, read.file));
  read.file.name = implied_name(read.file.url, read.file.path);
  return archive.text("subdirectory", read.subdirectory);
}

Status check_sources(const Fields& fields, const LockedPackage& package) {
  const bool has_files = package.sdist || !package.wheels.empty();
  const int trees =
      int{package.vcs.has_value()} + int{package.directory.has_value()} + int{package.archive.has_value()};
  if (has_files && trees > 0)
    return fields.wrong_table("has wheels or an sdist, and one of `vcs`, `directory` and `archive` besides");
  if (!has_files && trees != 1)
    return fields.wrong_table("needs wheels, an sdist, or one of `vcs`, `directory` and `archive`");
  return ok_status();
}

Status check_attestations(const Fields& fields) {
  PKG_TRY_ASSIGN(const auto* items, fields.tables("attestation-identities"));
  if (items == nullptr) return ok_status();
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields identity((*items)[i], Place{&fields.place(), "attestation-identities", static_cast<int>(i)},
                          fields.file_name());
    std::string kind;
    PKG_TRY(identity.required_text("kind", kind));
  }
  return ok_status();
}

Status read_identity(const Fields& fields, LockedPackage& out) {
  std::string name, version;
  PKG_TRY(fields.required_text("name", name));
  PKG_TRY_ASSIGN(out.name, name_of(fields, "name", name));
  if (!fields.has("version")) return ok_status();
  PKG_TRY(fields.text("version", version));
  auto parsed = pep::Version::parse(version);
  if (!parsed) return fields.in("version", std::move(parsed).error());
  out.version = std::move(parsed).value();
  return ok_status();
}

Result<LockedPackage> read_package(const Fields& fields, bool with_tool) {
  LockedPackage package;
  PKG_TRY(read_identity(fields, package));
  PKG_TRY(fields.marker("marker", package.marker));
  PKG_TRY(read_specifiers(fields, "requires-python", package.requires_python));
  PKG_TRY(fields.text("index", package.index));
  PKG_TRY(read_vcs(fields, package));
  PKG_TRY(read_directory(fields, package));
  PKG_TRY(read_archive(fields, package));
  PKG_TRY(read_sdist(fields, package));
  PKG_TRY(read_wheels(fields, package));
  PKG_TRY(check_sources(fields, package));
  PKG_TRY(check_attestations(fields));
  PKG_TRY(read_dependencies(fields, with_tool, package));
  return package;
}

Status read_packages(const Fields& root, LockFile& lock) {
  PKG_TRY_ASSIGN(const auto* items, root.tables("packages"));
  if (items == nullptr) return root.missing("packages");
  lock.packages.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields package((*items)[i], Place{&root.place(), "packages", static_cast<int>(i)}, root.file_name());
    PKG_TRY_ASSIGN(auto read, read_package(package, lock.tool.version == kLockToolVersion));
    if (lock.tool.mirror_neutral) forget_stand_ins(read);
    lock.packages.push_back(std::move(read));
  }
  return ok_status();
}

Result<toml::Value> parse_toml(std::string_view text, const std::string& file_name) {
  auto quick = quick_parse(text);
  if (quick) return std::move(*quick);
  return toml::parse(text, file_name);
}

}  // namespace

bool is_lock_file_name(std::string_view file_name) {
  const auto name = file_name.substr(file_name.rfind('/') + 1);
  constexpr std::string_view kBegin = "pylock.", kEnd = ".toml";
  if (name == "pylock.toml") return true;
  if (name.size() <= kBegin.size() + kEnd.size() || !name.starts_with(kBegin) || !name.ends_with(kEnd)) return false;
  const auto between = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
  return between.find('.') == std::string_view::npos;
}

Result<LockFile> parse_pylock(std::string_view text, const std::string& file_name) {
  if (text.starts_with("\xef\xbb\xbf"))
    return make_error(ErrorKind::bad_data,
                      cat(file_name, ":1: begins with a byte order mark, which TOML does not have"));
  PKG_TRY_ASSIGN(const auto parsed, parse_toml(text, file_name));
  const Fields root(parsed, Place{}, file_name);
  LockFile lock;
  PKG_TRY(check_lock_version(root, lock.lock_version));
  PKG_TRY(root.required_text("created-by", lock.created_by));
  PKG_TRY(read_environments(root, lock));
  PKG_TRY(read_specifiers(root, "requires-python", lock.requires_python));
  PKG_TRY(read_selectable(root, lock));
  PKG_TRY(read_tool(root, read_package, lock.tool));
  PKG_TRY(read_packages(root, lock));
  return lock;
}

}  // namespace pkg::lock
