#include "cli/output/pip_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/fs.h"
#include "base/text.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {
namespace {

json::Json pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  auto value = json::Json::object();
  for (const auto& [key, text] : list) value[key] = text;
  return value;
}

// As direct_url.json; archives say their first hash in the older form too.
json::Json download_info(const pep::DirectUrl& source) {
  json::Json value{{"url", pep::strip_credentials(source.url)}};
  if (const auto* vcs = std::get_if<pep::VcsInfo>(&source.info)) {
    value["vcs_info"] = {{"vcs", vcs->vcs}, {"commit_id", vcs->commit_id}};
    if (!vcs->requested_revision.empty()) value["vcs_info"]["requested_revision"] = vcs->requested_revision;
  } else if (const auto* archive = std::get_if<pep::ArchiveInfo>(&source.info)) {
    value["archive_info"] = json::Json::object();
    if (!archive->hashes.empty()) {
      auto hash = std::ranges::find(archive->hashes, "sha256", &std::pair<std::string, std::string>::first);
      if (hash == archive->hashes.end()) hash = archive->hashes.begin();
      value["archive_info"] = {{"hashes", pairs(archive->hashes)}, {"hash", cat(hash->first, "=", hash->second)}};
    }
  } else {
    value["dir_info"] = json::Json::object();
    if (std::get<pep::DirInfo>(source.info).editable) value["dir_info"]["editable"] = true;
  }
  if (!source.subdirectory.empty()) value["subdirectory"] = source.subdirectory;
  return value;
}

}  // namespace

json::Json pip_report(std::span<const ops::ReportedDist> dists, const pep::Environment& markers) {
  json::Json value{{"version", "1"},
                   {"pip_version", "pkg " PKG_VERSION},
                   {"install", json::Json::array()},
                   {"environment", environment_json(markers)}};
  for (const auto& dist : dists) {
    json::Json item{{"download_info", download_info(dist.source)},
                    {"is_direct", dist.is_direct},
                    {"is_yanked", dist.is_yanked},
                    {"requested", dist.requested},
                    {"metadata", raw_metadata_json(dist.metadata)}};
    if (!dist.requested_extras.empty()) item["requested_extras"] = dist.requested_extras;
    value["install"].push_back(std::move(item));
  }
  return value;
}

Status write_pip_report(std::span<const ops::ReportedDist> dists, const pep::Environment& markers,
                        const std::string& file, CommandContext& context) {
  const auto report = pip_report(dists, markers);
  if (file != "-") return fs::publish(context.session().working_folder() / file, json::dump(report, 2) + "\n");
  out_json(report);
  return ok_status();
}

}  // namespace pkg::cli
