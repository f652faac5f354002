#include "ops/bundle/bundle.h"

#include <chrono>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "ops/bundle/bundle_contents.h"
#include "ops/bundle/bundle_place.h"
#include "ops/bundle/bundle_texts.h"
#include "ops/fetch/file_folder.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

void count(const BundleContents& contents, std::span<const FileInFolder> there, BundleReport& report) {
  report.files = contents.packages.size();
  const BundlePackage* last = nullptr;
  for (std::size_t i = 0; i < there.size(); ++i) {
    const auto& package = contents.packages[i];
    const bool is_same = last != nullptr && last->name == package.name && last->version == package.version;
    const bool is_for_builds = package.targets.empty();
    report.packages += is_same || is_for_builds ? 0 : 1;
    report.built += package.built ? 1 : 0;
    report.sources += package.file.kind == pep::DistKind::sdist ? 1 : 0;
    report.size_bytes += there[i].size_bytes;
    if (!is_for_builds) last = &package;
  }
}

Status write_texts(const BundleContents& contents, std::span<const FileInFolder> there,
                   std::span<const BundleTarget> targets, const stdfs::path& folder) {
  std::vector<BundledFile> files;
  std::vector<std::pair<std::string, std::string>> sums;
  for (std::size_t i = 0; i < there.size(); ++i) {
    files.push_back({&contents.packages[i], there[i].sha256_hex, there[i].size_bytes});
    sums.emplace_back(there[i].sha256_hex, cat("wheels/", contents.packages[i].file.file_name));
  }
  for (const auto& [path, text] : bundle_texts(files, targets, contents.builds)) {
    PKG_TRY(fs::make_dirs((folder / path).parent_path()));
    PKG_TRY(fs::publish(folder / path, text));
    sums.emplace_back(hash::to_hex(hash::sha256(text)), path);
  }
  return fs::publish(folder / "SHA256SUMS", checksums_text(std::move(sums)));
}

}  // namespace

Result<BundleReport> bundle(const BundleOptions& options, Session& given) {
  const auto start = std::chrono::steady_clock::now();
  BundleReport report;
  report.path = (given.working_folder() / options.output).lexically_normal();
  PKG_TRY_ASSIGN(const auto targets, bundle_targets(options.targets, given));
  PKG_TRY_ASSIGN(auto place, BundlePlace::open(report.path));
  PKG_TRY_ASSIGN(const auto source, read_bundle_source(options, given));
  auto& session = source.inputs ? session_for(*source.inputs, given) : session_for(*source.lock, given);
  PKG_TRY_ASSIGN(auto contents, bundle_contents(source, options, targets, session));
  std::vector<const pep::DistFile*> files;
  for (const auto& package : contents.packages) files.push_back(&package.file);
  const auto wheels = place.folder() / "wheels";
  PKG_TRY(fs::make_dirs(wheels));
  PKG_TRY_ASSIGN(const auto there, put_files(files, contents.hashes, wheels, place.files_before(), session));
  PKG_TRY(write_texts(contents, there, targets, place.folder()));
  PKG_TRY(place.publish());
  for (const auto& target : targets) report.targets.push_back(target.name);
  count(contents, there, report);
  report.lock = std::move(contents.lock);
  report.notes = std::move(contents.notes);
  report.warnings = std::move(contents.warnings);
  if (report.sources > contents.builds.size())
    report.notes.push_back(cat(report.sources, " of the files are sources: what builds them is not in the bundle"));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
