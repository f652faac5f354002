#include "venv/transaction/scripts.h"

#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "pep/launcher.h"
#include "pep/record.h"

namespace pkg::venv {
namespace {

// "numpy/core/" for a folder below the site folder, "../../../bin/" for another; "" for the site folder itself.
std::string folder_prefix(const std::string& site, std::string_view folder) {
  if (folder == site) return {};
  if (is_below(folder, site)) return cat(folder.substr(site.size() + 1), '/');
  std::string up, common = site;
  while (common != "/" && common != folder && !is_below(folder, common)) {
    up += "../";
    common = std::string(parent_of(common));
  }
  if (common == folder) return up;
  return cat(up, folder.substr(common == "/" ? 1 : common.size() + 1), '/');
}

Result<std::string> rewritten_script(const pep::UnpackedWheel& wheel, const pep::ManifestDir& from,
                                     const pep::ManifestFile& file, const std::string& python) {
  const std::string path = join_path(join_path(wheel.path, from.store_path), file.name);
  PKG_TRY_ASSIGN(auto content, fs::read_file_at_most(path, file.size));
  if (content.size() != file.size || hash::sha256(content) != file.sha256)
    return make_error(ErrorKind::hash_mismatch,
                      cat("the cached file ", quote(path), " was changed since it was unpacked"),
                      "the cache entry is unusable; it has to be unpacked again");
  return pep::rewrite_shebang(content, python);
}

}  // namespace

Status add_written_files(Placement& placement, const WheelToInstall& wheel, std::uint32_t wheel_index,
                         const std::string& python) {
  const auto& manifest = wheel.wheel->manifest;
  for (std::size_t d = 0; d < manifest.dirs.size(); ++d) {
    if (manifest.dirs[d].scheme != pep::Scheme::scripts) continue;
    for (const auto& file : manifest.dirs[d].files) {
      if (!file.python_shebang) continue;
      PKG_TRY_ASSIGN(auto content, rewritten_script(*wheel.wheel, manifest.dirs[d], file, python));
      PKG_TRY(
          placement.write(placement.wheels[wheel_index].dirs[d], {file.name, std::move(content), true}, wheel_index));
    }
  }
  if (!manifest.scripts.empty()) {
    const auto bin = placement.dir(placement.boundary().root(pep::Scheme::scripts));
    for (const auto& script : manifest.scripts) {
      if (!is_plain_relative(script.name) || script.name.find('/') != std::string::npos)
        return make_error(ErrorKind::bad_data, cat(quote(manifest.name.str()), " names a script ", quote(script.name)));
      PKG_TRY(placement.write(bin, {script.name, pep::launcher_text(script, python), true}, wheel_index));
    }
  }
  const auto info = placement.wheels[wheel_index].dist_info;
  PKG_TRY(placement.write(info, {"INSTALLER", "pkg", false}, wheel_index));
  if (wheel.requested) PKG_TRY(placement.write(info, {"REQUESTED", "", false}, wheel_index));
  if (wheel.direct_url)
    PKG_TRY(placement.write(info, {"direct_url.json", wheel.direct_url->to_json(), false}, wheel_index));
  return placement.write(info, {"RECORD", "", false}, wheel_index);
}

std::string record_text(const Placement& placement, const pep::WheelManifest& manifest, std::uint32_t wheel_index) {
  const PlacedWheel& placed = placement.wheels[wheel_index];
  std::size_t files = placed.written.size() + placed.bytecode.size() + 1;
  for (const auto& from : manifest.dirs) files += from.files.size();
  const auto prefix_of = [&](std::uint32_t dir) { return folder_prefix(placed.site, placement.dirs[dir].path); };
  std::string out;
  out.reserve(files * 110);
  for (std::size_t d = 0; d < manifest.dirs.size(); ++d) {
    const auto& from = manifest.dirs[d];
    const std::string folder = prefix_of(placed.dirs[d]);
    for (const auto& file : from.files) {
      if (placement.is_skipped(manifest, from, file)) continue;
      if (file.python_shebang && from.scheme == pep::Scheme::scripts) continue;  // among the written ones
      pep::append_record_row(out, folder, file.name, file.sha256, file.size);
    }
  }
  for (const auto& [dir, index] : placed.written) {
    const auto& file = placement.written[index];
    pep::append_record_row(out, prefix_of(dir), file.name, hash::sha256(file.content), file.content.size());
  }
  for (const auto& [dir, name] : placed.bytecode) pep::append_record_row(out, prefix_of(dir), name);
  pep::append_record_row(out, prefix_of(placed.dist_info), "RECORD");
  return out;
}

}  // namespace pkg::venv
