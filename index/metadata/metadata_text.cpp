#include "index/metadata/metadata_text.h"

#include <memory>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "base/zip.h"

namespace pkg::index {
namespace {

MetadataResult unusable(std::string reason) { return {nullptr, std::move(reason)}; }

}  // namespace

CheckedMetadata check_metadata_text(std::string_view text, const pep::DistFile& file, pep::RequirementPool* pool) {
  if (text.size() > limits::kMetadata) return {unusable("its metadata is too large"), {}};
  auto essential = pep::essential_metadata(text);
  if (!essential) return {unusable(cat("its metadata cannot be read: ", essential.error().message)), {}};
  auto result = check_essential_text(*essential, file, pool);
  if (!result.metadata) return {std::move(result), {}};
  return {std::move(result), std::move(essential).value()};
}

MetadataResult check_essential_text(std::string_view text, const pep::DistFile& file, pep::RequirementPool* pool) {
  auto parsed = pep::Metadata::parse(text, pool);
  if (!parsed) return unusable(cat("its metadata cannot be read: ", parsed.error().message));
  if (parsed->name != file.project)
    return unusable(
        cat("its metadata is of ", quote(parsed->name.str()), ", its file name of ", quote(file.project.str())));
  if (parsed->version != file.version)
    return unusable(cat("its metadata says version ", quote(parsed->version_text), ", its file name ",
                        quote(file.version.to_string())));
  return {std::make_shared<const pep::Metadata>(std::move(parsed).value()), {}};
}

Result<std::string> read_local_metadata(const std::string& wheel_path) {
  PKG_TRY_ASSIGN(const auto archive, zip::Reader::open(wheel_path));
  const zip::Entry* found = nullptr;
  for (const auto& entry : archive.entries()) {
    const auto slash = entry.name.find('/');
    if (slash == std::string::npos || entry.name.substr(slash) != "/METADATA" ||
        !std::string_view(entry.name).substr(0, slash).ends_with(".dist-info"))
      continue;
    if (found != nullptr) return make_error(ErrorKind::bad_data, cat(quote(wheel_path), " has more than one METADATA"));
    found = &entry;
  }
  if (found == nullptr) return make_error(ErrorKind::bad_data, cat(quote(wheel_path), " has no METADATA"));
  if (found->size > limits::kMetadata)
    return make_error(ErrorKind::bad_data, cat("the METADATA of ", quote(wheel_path), " is too large"));
  return archive.read(*found);
}

}  // namespace pkg::index
