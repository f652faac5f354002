#include "index/wheels/wheel_layout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/extract.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "pep/entry_points.h"
#include "pep/filename.h"
#include "pep/metadata.h"
#include "pep/variants_json.h"
#include "pep/wheel_info.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kMaxSmallFileBytes = 4u << 20;
constexpr std::string_view kDistInfo = ".dist-info", kData = ".data";

Error bad(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }

std::string_view first_component(std::string_view path) { return path.substr(0, path.find('/')); }

// Whether `stem`, "name-version" before ".dist-info" or ".data", is that of the file name. Older tools did not escape a
// '-' in the name.
bool is_stem_of(std::string_view stem, const pep::WheelName& wheel) {
  for (auto at = stem.find('-'); at != std::string_view::npos; at = stem.find('-', at + 1)) {
    if (pep::normalize_name(stem.substr(0, at)) != wheel.name.str()) continue;
    const auto version = pep::Version::parse(replace_all(stem.substr(at + 1), "_", "-"));
    if (version && *version == wheel.version) return true;
    const auto plain = pep::Version::parse(stem.substr(at + 1));
    if (plain && *plain == wheel.version) return true;
  }
  return false;
}

Result<std::string> find_dist_info(std::span<const zip::Entry> entries, const pep::WheelName& wheel) {
  std::set<std::string_view> found;
  for (const auto& entry : entries) {
    const auto top = first_component(entry.name);
    if (top.ends_with(kDistInfo) && top.size() < entry.name.size()) found.insert(top);
  }
  if (found.empty()) return bad("it has no .dist-info folder");
  if (found.size() > 1)
    return bad(
        cat("it has two .dist-info folders, ", quote(*found.begin()), " and ", quote(*std::next(found.begin()))));
  const auto folder = *found.begin();
  if (!is_stem_of(folder.substr(0, folder.size() - kDistInfo.size()), wheel))
    return bad(cat("its folder ", quote(folder), " does not belong to ", wheel.name.str(), " ",
                   wheel.version.to_string(), ", as the file is named"));
  return std::string(folder);
}

// The content of a file in the dist-info folder; nullopt: there is none.
Result<std::optional<std::string>> read_optional(const zip::Reader& archive, const std::string& path,
                                                 std::uint64_t limit_bytes) {
  const auto* entry = archive.find(path);
  if (entry == nullptr) return std::optional<std::string>();
  if (entry->size > limit_bytes)
    return bad(cat(quote(path), " is too large: ", entry->size, " bytes of at most ", limit_bytes));
  PKG_TRY_ASSIGN(auto text, archive.read(*entry));
  return std::optional<std::string>(std::move(text));
}

Result<std::string> read_required(const zip::Reader& archive, const std::string& path, std::uint64_t limit_bytes) {
  PKG_TRY_ASSIGN(auto text, read_optional(archive, path, limit_bytes));
  if (!text) return bad(cat("it has no ", quote(path)));
  return *std::move(text);
}

Status check_metadata(std::string_view text, const pep::WheelName& wheel, pep::WheelManifest& manifest) {
  PKG_TRY_ASSIGN(const auto metadata, pep::Metadata::parse(text));
  if (metadata.name != wheel.name)
    return bad(cat("its METADATA is of ", quote(metadata.name.str()), ", its file name of ", quote(wheel.name.str())));
  if (metadata.version != wheel.version)
    return bad(cat("its METADATA has version ", quote(metadata.version_text), ", its file name ",
                   quote(wheel.version.to_string())));
  PKG_TRY_ASSIGN(const auto raw, pep::parse_raw_metadata(text));
  const auto* name = raw.get("name");
  manifest.name = metadata.name;
  manifest.version = metadata.version;
  manifest.name_as_written = name != nullptr ? *name : metadata.name.str();
  manifest.version_as_written = metadata.version_text;
  return ok_status();
}

// Names of an environment's own programs: a wheel's script of such a name would stand in for the interpreter or the
// activation scripts.
bool shadows_environment(std::string_view name) {
  const auto lower = to_ascii_lower(name);
  for (const std::string_view script : {"activate", "deactivate"})
    if (lower == script || (lower.starts_with(script) && lower[script.size()] == '.')) return true;
  if (lower == "activate_this.py") return true;
  for (std::string_view interpreter : {"python", "pythonw", "pypy", "graalpy"}) {
    if (!lower.starts_with(interpreter)) continue;
    auto rest = std::string_view(lower).substr(interpreter.size());
    if (rest.ends_with(".exe")) rest.remove_suffix(4);
    if (rest.find_first_not_of("0123456789.t") == std::string_view::npos) return true;
  }
  return false;
}

// A wheel variant is what its name says, or every later look at what it needs would be another one's.
Status check_variant(const zip::Reader& archive, const pep::WheelName& wheel, const std::string& path) {
  if (wheel.label.empty()) return ok_status();
  PKG_TRY_ASSIGN(const auto text, read_optional(archive, path, limits::kVariants));
  if (!text && wheel.label == pep::kNullVariant) return ok_status();
  if (!text) return bad(cat("its name has the label ", quote(wheel.label), ", and it has no ", quote(path)));
  const auto variant = pep::variant_of_wheel(*text);
  if (variant != nullptr && variant->label == wheel.label) return ok_status();
  return bad(cat("its name has the label ", quote(wheel.label), ", and its ", quote(path),
                 variant == nullptr ? std::string(" cannot be read") : cat(" speaks of ", quote(variant->label))));
}

Status read_dist_info(const zip::Reader& archive, const pep::WheelName& wheel, pep::WheelManifest& manifest) {
  PKG_TRY_ASSIGN(manifest.dist_info, find_dist_info(archive.entries(), wheel));
  const auto path = [&](std::string_view name) { return cat(manifest.dist_info, "/", name); };
  PKG_TRY_ASSIGN(const auto wheel_text, read_required(archive, path("WHEEL"), kMaxSmallFileBytes));
  PKG_TRY_ASSIGN(const auto info, pep::WheelInfo::parse(wheel_text));
  manifest.root_is_purelib = info.root_is_purelib;
  if (info.major == 1 && info.minor > 0)
    manifest.warnings.push_back(cat("has Wheel-Version 1.", info.minor, ", newer than 1.0, which this program knows"));
  PKG_TRY_ASSIGN(const auto metadata, read_required(archive, path("METADATA"), limits::kMetadata));
  PKG_TRY(check_metadata(metadata, wheel, manifest));
  PKG_TRY(check_variant(archive, wheel, path("variant.json")));
  PKG_TRY_ASSIGN(const auto entry_points, read_optional(archive, path("entry_points.txt"), kMaxSmallFileBytes));
  if (!entry_points) return ok_status();
  PKG_TRY_ASSIGN(const auto parsed, pep::parse_entry_points(*entry_points));
  PKG_TRY_ASSIGN(manifest.scripts, pep::scripts_of(parsed));
  for (const auto& script : manifest.scripts)
    if (shadows_environment(script.name))
      return bad(cat("its script ", quote(script.name), " would stand in for a program of the environment"));
  return ok_status();
}

std::optional<pep::Scheme> scheme_from_key(std::string_view key) {
  if (key == "purelib") return pep::Scheme::purelib;
  if (key == "platlib") return pep::Scheme::platlib;
  if (key == "headers") return pep::Scheme::headers;
  if (key == "scripts") return pep::Scheme::scripts;
  if (key == "data") return pep::Scheme::data;
  return std::nullopt;
}

bool has_dist_info_component(std::string_view path) {
  for (const auto piece : split(path, '/'))
    if (piece.ends_with(kDistInfo)) return true;
  return false;
}

struct Place {
  pep::Scheme scheme;
  std::string_view path;  // below the scheme's folder
};

// Where an entry goes; a view into its name.
class Placer {
 public:
  Placer(const pep::WheelManifest& manifest, const pep::WheelName& wheel)
      : root_(manifest.root_is_purelib ? pep::Scheme::purelib : pep::Scheme::platlib), wheel_(wheel) {}

  Result<Place> place(std::string_view name) {
    const auto top = first_component(name);
    if (top.size() == name.size() || !is_data_folder(top)) return Place{root_, name};
    const auto below = name.substr(top.size() + 1);
    const auto key = first_component(below);
    const auto scheme = scheme_from_key(key);
    if (!scheme || key.size() == below.size())
      return bad(cat(quote(name), " is below no known folder of .data (purelib, platlib, headers, scripts, data)"));
    const auto path = below.substr(key.size() + 1);
    if (has_dist_info_component(path)) return bad(cat("it has a second .dist-info folder, in ", quote(name)));
    if (*scheme == pep::Scheme::scripts && path.find('/') != std::string_view::npos)
      return bad(cat("its script ", quote(path), " is not a plain file name"));
    if (*scheme == pep::Scheme::scripts && shadows_environment(path))
      return bad(cat("its script ", quote(path), " would stand in for a program of the environment"));
    uses_data_ = true;
    return Place{*scheme, path};
  }

  pep::Scheme root() const { return root_; }
  bool uses_data() const { return uses_data_; }
  std::string_view data_folder() const { return data_folder_; }

 private:
  bool is_data_folder(std::string_view top) {
    if (!data_folder_.empty() && top == data_folder_) return true;
    if (!top.ends_with(kData) || !is_stem_of(top.substr(0, top.size() - kData.size()), wheel_)) return false;
    data_folder_ = top;
    return true;
  }

  const pep::Scheme root_;
  const pep::WheelName& wheel_;
  std::string_view data_folder_;
  bool uses_data_ = false;
};

std::string_view scheme_key(pep::Scheme scheme) {
  switch (scheme) {
    case pep::Scheme::purelib:
      return "purelib";
    case pep::Scheme::platlib:
      return "platlib";
    case pep::Scheme::headers:
      return "headers";
    case pep::Scheme::scripts:
      return "scripts";
    case pep::Scheme::data:
      return "data";
  }
  return "";
}

// What an installer writes itself: a wheel cannot bring it along.
bool is_installers_own(std::string_view path, std::string_view dist_info) {
  if (path.size() <= dist_info.size() + 1 || !path.starts_with(dist_info) || path[dist_info.size()] != '/')
    return false;
  return pep::is_written_by_installers(path.substr(dist_info.size() + 1));
}

// RECORD cannot list itself with a hash; its signatures are made after it.
bool is_record_or_signature(std::string_view path, std::string_view dist_info) {
  if (!path.starts_with(dist_info)) return false;
  const auto name = path.substr(dist_info.size());
  return name == "/RECORD" || name == "/RECORD.jws" || name == "/RECORD.p7s";
}

// Collects the folders, parents included, as they are met.
class Folders {
 public:
  std::uint32_t id(pep::Scheme scheme, std::string_view path) {
    if (last_ && last_->first.first == scheme && last_->first.second == path) return last_->second;
    auto key = std::pair(scheme, std::string(path));
    auto it = ids_.find(key);
    if (it == ids_.end()) {
      if (!path.empty()) {
        const auto slash = path.rfind('/');
        id(scheme, slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
      }
      it = ids_.emplace(std::move(key), static_cast<std::uint32_t>(ids_.size())).first;
    }
    last_ = &*it;
    return it->second;
  }

  // The folders sorted by scheme and path; `new_ids[old]` is a folder's place in that order.
  std::vector<pep::ManifestDir> sorted(std::vector<std::uint32_t>& new_ids) const {
    std::vector<pep::ManifestDir> dirs;
    new_ids.resize(ids_.size());
    for (const auto& [key, old_id] : ids_) {
      new_ids[old_id] = static_cast<std::uint32_t>(dirs.size());
      pep::ManifestDir dir;
      dir.scheme = key.first;
      dir.path = key.second;
      dirs.push_back(std::move(dir));
    }
    return dirs;
  }

 private:
  std::map<std::pair<pep::Scheme, std::string>, std::uint32_t> ids_;
  const std::pair<const std::pair<pep::Scheme, std::string>, std::uint32_t>* last_ = nullptr;
};

Status check_no_two_in_one_place(const WheelLayout& layout) {
  const WheelFile* before = nullptr;
  for (const auto& file : layout.files) {
    if (before != nullptr && before->dir == file.dir && before->name == file.name)
      return bad(cat(quote(before->entry->name), " and ", quote(file.entry->name), " go to the same place"));
    before = &file;
  }
  return ok_status();
}

Status place_files(const zip::Reader& archive, const pep::WheelName& wheel, WheelLayout& layout) {
  auto& manifest = layout.manifest;
  Placer placer(manifest, wheel);
  Folders folders;
  for (const auto& entry : archive.entries()) {
    if (entry.is_directory()) continue;
    PKG_TRY(check_relative_path(entry.name));
    if (is_installers_own(entry.name, manifest.dist_info)) continue;
    PKG_TRY_ASSIGN(const auto place, placer.place(entry.name));
    const auto slash = place.path.rfind('/');
    const auto folder = slash == std::string_view::npos ? std::string_view() : place.path.substr(0, slash);
    WheelFile file;
    file.entry = &entry;
    file.name = slash == std::string_view::npos ? place.path : place.path.substr(slash + 1);
    file.dir = folders.id(place.scheme, folder);
    layout.files.push_back(file);
  }
  std::vector<std::uint32_t> new_ids;
  manifest.dirs = folders.sorted(new_ids);
  for (auto& dir : manifest.dirs) {
    if (dir.scheme == placer.root())
      dir.store_path = dir.path;
    else
      dir.store_path = cat(placer.data_folder(), "/", scheme_key(dir.scheme), dir.path.empty() ? "" : "/", dir.path);
  }
  for (auto& file : layout.files) file.dir = new_ids[file.dir];
  std::sort(layout.files.begin(), layout.files.end(),
            [](const WheelFile& a, const WheelFile& b) { return std::tie(a.dir, a.name) < std::tie(b.dir, b.name); });
  return check_no_two_in_one_place(layout);
}

bool has_strong_hash(const pep::RecordRow& row) {
  const auto algorithm = hash::algorithm_from_name(row.algorithm);
  return algorithm && hash::is_strong(*algorithm) && !row.digest_base64url.empty();
}

// Finds each entry's row, and rows without an entry.
Status match_record(const zip::Reader& archive, WheelLayout& layout) {
  const std::string& dist_info = layout.manifest.dist_info;
  std::unordered_map<std::string_view, const pep::RecordRow*> rows;
  rows.reserve(layout.record.size());
  for (const auto& row : layout.record)
    if (!rows.emplace(row.path, &row).second) return bad(cat("its RECORD lists ", quote(row.path), " twice"));
  for (auto& file : layout.files)
    if (const auto row = rows.find(file.entry->name); row != rows.end()) file.row = row->second;

  for (const auto& entry : archive.entries()) {
    const auto row = rows.find(entry.name);
    const bool exempt = entry.is_directory() || is_record_or_signature(entry.name, dist_info);
    if (row == rows.end()) {
      if (!exempt) return bad(cat("its file ", quote(entry.name), " is not listed in its RECORD"));
      continue;
    }
    if (!exempt && !has_strong_hash(*row->second))
      return bad(cat("its RECORD gives no strong hash for ", quote(entry.name)));
    if (!exempt && row->second->size && *row->second->size != entry.size)
      return bad(
          cat("its file ", quote(entry.name), " has ", entry.size, " bytes, its RECORD says ", *row->second->size));
    rows.erase(row);
  }
  for (const auto& row : layout.record) {
    if (rows.count(row.path) == 0 || row.path.ends_with('/') || is_record_or_signature(row.path, dist_info)) continue;
    return bad(cat("its RECORD lists ", quote(row.path), ", which is not in it"));
  }
  layout.record_complete = true;
  return ok_status();
}

Status read_record(const zip::Reader& archive, WheelLayout& layout) {
  PKG_TRY_ASSIGN(const auto text, read_required(archive, cat(layout.manifest.dist_info, "/RECORD"), limits::kRecord));
  PKG_TRY_ASSIGN(layout.record, pep::parse_record(text));
  return match_record(archive, layout);
}

}  // namespace

Result<WheelLayout> read_wheel_layout(const zip::Reader& archive, std::string_view file_name, RecordCheck check) {
  PKG_TRY_ASSIGN(const auto wheel, pep::WheelName::parse(file_name));
  WheelLayout layout;
  PKG_TRY(read_dist_info(archive, wheel, layout.manifest));
  PKG_TRY(place_files(archive, wheel, layout));
  auto record = read_record(archive, layout);
  if (record || check == RecordCheck::strict) {
    if (record) return layout;
    auto error = std::move(record).error();
    if (error.hint.empty()) error.hint = "if you trust it all the same: --no-verify-record";
    return error;
  }
  layout.manifest.warnings.push_back(record.error().message);
  return layout;
}

}  // namespace pkg::index
