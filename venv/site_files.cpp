#include "venv/site_files.h"

#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/variants_json.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

std::string first_line(const stdfs::path& path) {
  const auto text = fs::read_file_at_most(path, limits::kSmall);
  if (!text) return {};
  const auto lines = split_lines(*text);
  return lines.empty() ? std::string() : std::string(trim(lines.front()));
}

// The usual answer is no: it should cost a system call and no error text.
bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// What setuptools leaves of an editable install without direct_url.json: a one-line .pth file with the source folder.
// Finders that map modules one by one name no folder.
std::optional<stdfs::path> editable_by_pth(const InstalledDist& dist) {
  const std::string_view info = dist.info.native();
  const auto slash = info.rfind('/') + 1;
  const auto pth = cat(info.substr(0, slash), "__editable__.", info.substr(slash, info.rfind('.') - slash), ".pth");
  if (!is_there(pth)) return std::nullopt;
  const stdfs::path line = first_line(pth);
  if (line.is_absolute() && fs::is_directory(line)) return line;
  return std::nullopt;
}

}  // namespace

std::optional<stdfs::path> egg_link_target(const stdfs::path& egg_link) {
  const std::string line = first_line(egg_link);
  if (line.empty()) return std::nullopt;
  return stdfs::path(line);
}

std::optional<stdfs::path> egg_link_info(const stdfs::path& egg_link) {
  const auto target = egg_link_target(egg_link);
  if (!target) return std::nullopt;
  const std::string name = pep::normalize_name(egg_link.stem().native());
  for (const auto& folder : {*target, *target / "src"}) {
    const auto names = fs::list_dir(folder);
    if (!names) continue;
    for (const auto& entry : *names) {
      if (entry.ends_with(".egg-info") && pep::normalize_name(stdfs::path(entry).stem().native()) == name)
        return folder / entry;
    }
  }
  return std::nullopt;
}

stdfs::path metadata_path(const InstalledDist& dist) {
  switch (dist.kind) {
    case InstalledKind::dist_info:
      return dist.info / "METADATA";
    case InstalledKind::egg_info_dir:
      return dist.info / "PKG-INFO";
    case InstalledKind::egg_info_file:
      return dist.info;
    case InstalledKind::egg_link:
      break;
  }
  const auto info = egg_link_info(dist.info);
  return info ? *info / "PKG-INFO" : stdfs::path();
}

Result<std::string> read_metadata_text(const InstalledDist& dist) {
  const auto path = metadata_path(dist);
  if (path.empty()) return make_error(ErrorKind::not_found, cat(quote(dist.info.native()), " leads to no metadata"));
  return fs::read_file_at_most(path, limits::kMetadata);
}

Result<pep::Metadata> read_metadata(const InstalledDist& dist) {
  PKG_TRY_ASSIGN(const auto text, read_metadata_text(dist));
  PKG_TRY_ASSIGN(auto metadata, pep::Metadata::parse(text).with([&] {
    return cat("while reading the metadata of the installed ", quote(dist.name.str()));
  }));
  if (pep::mentions_variant(metadata)) {
    const auto said = fs::read_file_at_most(dist.info / "variant.json", limits::kVariants);
    pep::settle_variant(said ? pep::variant_of_wheel(*said).get() : nullptr, metadata);
  }
  return metadata;
}

Result<std::string> read_record_text(const InstalledDist& dist) {
  return fs::read_file_at_most(dist.info / "RECORD", limits::kRecord);
}

Result<std::vector<pep::RecordRow>> read_record(const InstalledDist& dist) {
  if (dist.kind != InstalledKind::dist_info) {
    return make_error(ErrorKind::not_found,
                      cat(quote(dist.name.str()), " was installed the old way: there is no RECORD of its files"));
  }
  PKG_TRY_ASSIGN(const auto text, read_record_text(dist));
  return pep::parse_record(text).with(
      [&] { return cat("while reading RECORD of the installed ", quote(dist.name.str())); });
}

std::optional<pep::DirectUrl> read_direct_url(const InstalledDist& dist) {
  if (dist.kind != InstalledKind::dist_info) return std::nullopt;
  const auto path = cat(dist.info.native(), "/direct_url.json");
  if (!is_there(path)) return std::nullopt;
  const auto text = fs::read_file_at_most(path, limits::kSmall);
  if (!text) return std::nullopt;
  auto parsed = pep::DirectUrl::parse(*text);
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

std::string read_installer(const InstalledDist& dist) {
  return dist.kind == InstalledKind::dist_info ? first_line(dist.info / "INSTALLER") : std::string();
}

bool is_requested(const InstalledDist& dist) {
  return dist.kind == InstalledKind::dist_info && fs::exists(dist.info / "REQUESTED");
}

std::optional<stdfs::path> editable_location(const InstalledDist& dist) {
  if (dist.kind == InstalledKind::egg_link) return egg_link_target(dist.info);
  if (dist.kind != InstalledKind::dist_info) return std::nullopt;
  const auto from = read_direct_url(dist);
  if (!from) return editable_by_pth(dist);
  const auto* folder = std::get_if<pep::DirInfo>(&from->info);
  if (folder == nullptr || !folder->editable) return std::nullopt;
  auto path = url::file_url_to_path(from->url);
  if (!path) return std::nullopt;
  return stdfs::path(std::move(*path));
}

}  // namespace pkg::venv
