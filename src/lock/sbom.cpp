#include "lock/sbom.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "lock/selection.h"

namespace pkg::lock {
namespace {

using json::Json;

// CycloneDX's names of algorithms, and how many hex digits it wants of each.
struct HashName {
  std::string_view ours, theirs;
  std::size_t digits;
};
constexpr HashName kHashNames[] = {
    {"md5", "MD5", 32},           {"sha1", "SHA-1", 40},         {"sha256", "SHA-256", 64},
    {"sha384", "SHA-384", 96},    {"sha512", "SHA-512", 128},    {"sha3_256", "SHA3-256", 64},
    {"sha3_384", "SHA3-384", 96}, {"sha3_512", "SHA3-512", 128}, {"blake2b", "BLAKE2b-512", 128}};

Json hashes_of(const LockedFile& file) {
  Json out = Json::array();
  for (const auto& [algorithm, digest] : file.hashes) {
    const auto* known = std::find_if(std::begin(kHashNames), std::end(kHashNames),
                                     [&wanted = algorithm](const HashName& one) { return one.ours == wanted; });
    if (known != std::end(kHashNames) && hex::is_lower(digest, known->digits))
      out.push_back({{"alg", known->theirs}, {"content", digest}});
  }
  return out;
}

// Spaces and the like have no place in an IRI reference.
std::string as_reference(const std::string& path) { return url::percent_encode_path(path); }

std::string address_of(const LockedFile& file) { return file.url.empty() ? as_reference(file.path) : file.url; }

std::string encoded(std::string_view text) { return replace_all(url::percent_encode_path(text), "/", "%2F"); }

// https://github.com/package-url/purl-spec: pkg:pypi/NAME@VERSION, and where it does not come from an index by that
// name, from where.
std::string purl_of(const LockedPackage& package) {
  std::string out = cat("pkg:pypi/", package.name.str());
  if (package.version) append(out, '@', encoded(package.version->to_string()));
  if (package.archive && !package.archive->file.url.empty())
    append(out, "?download_url=", encoded(package.archive->file.url));
  if (package.vcs && !package.vcs->url.empty())
    append(out, "?vcs_url=", encoded(cat(package.vcs->type, '+', package.vcs->url, '@', package.vcs->commit_id)));
  return out;
}

std::vector<const LockedFile*> files_of(const LockedPackage& package) {
  std::vector<const LockedFile*> out;
  if (package.archive) out.push_back(&package.archive->file);
  if (package.sdist) out.push_back(&*package.sdist);
  for (const auto& wheel : package.wheels) out.push_back(&wheel);
  return out;
}

Json references_of(const LockedPackage& package) {
  Json out = Json::array();
  for (const auto* file : files_of(package)) {
    const std::string address = address_of(*file);
    if (address.empty()) continue;
    Json reference = {{"type", "distribution"}, {"url", address}};
    if (Json hashes = hashes_of(*file); !hashes.empty()) reference["hashes"] = std::move(hashes);
    out.push_back(std::move(reference));
  }
  if (package.vcs)
    out.push_back(
        {{"type", "vcs"}, {"url", package.vcs->url.empty() ? as_reference(package.vcs->path) : package.vcs->url}});
  if (package.directory)
    out.push_back({{"type", "other"}, {"url", as_reference(package.directory->path)}, {"comment", "source folder"}});
  return out;
}

Json property(std::string_view name, std::string_view value) { return {{"name", name}, {"value", value}}; }

Json component_of(const LockedPackage& package, const std::string& reference) {
  Json out = {{"type", "library"}, {"bom-ref", reference}, {"name", package.name.str()}};
  if (package.version) out["version"] = package.version->to_string();
  const auto files = files_of(package);
  if (files.size() == 1) {
    if (Json hashes = hashes_of(*files.front()); !hashes.empty()) out["hashes"] = std::move(hashes);
  }
  out["purl"] = purl_of(package);
  if (Json references = references_of(package); !references.empty()) out["externalReferences"] = std::move(references);
  Json properties = Json::array();
  if (!package.marker.is_trivial()) properties.push_back(property("pkg:marker", package.marker.to_string()));
  if (package.directory && package.directory->editable) properties.push_back(property("pkg:editable", "true"));
  if (!properties.empty()) out["properties"] = std::move(properties);
  return out;
}

// The purl; two entries that share it (one version from two places) stay distinct.
std::vector<std::string> references_for(const LockFile& lock, const std::string& root) {
  std::vector<std::string> out;
  std::set<std::string> taken = {root};
  for (const auto& package : lock.packages) {
    const std::string purl = purl_of(package);
    std::string reference = purl;
    for (int i = 2; !taken.insert(reference).second; ++i) reference = cat(purl, '#', i);
    out.push_back(std::move(reference));
  }
  return out;
}

class Graph {
 public:
  Graph(const LockFile& lock, std::vector<std::string> references) : lock_(lock), references_(std::move(references)) {
    for (std::size_t i = 0; i < lock.packages.size(); ++i) by_name_[lock.packages[i].name].push_back(i);
  }

  const std::string& reference(std::size_t package) const { return references_[package]; }

  Json edges_of(const LockedPackage& package) const {
    std::set<std::string> out;
    for (const auto& dependency : package.dependencies) add(dependency.name, dependency.version, out);
    return Json(out);
  }

  // What the project asks for; where that is not recorded, what no package needs.
  Json edges_of_root() const {
    std::set<std::string> out;
    auto names = root_names(lock_, {lock_.extras, lock_.dependency_groups});
    if (names.empty()) names = needed_by_none();
    for (const auto& name : names) add(name, std::nullopt, out);
    return Json(out);
  }

 private:
  void add(const pep::Name& name, const std::optional<pep::Version>& version, std::set<std::string>& out) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return;
    for (const auto i : found->second)
      if (!version || lock_.packages[i].version == version) out.insert(references_[i]);
  }

  std::vector<pep::Name> needed_by_none() const {
    std::set<pep::Name> needed;
    for (const auto& package : lock_.packages)
      for (const auto& dependency : package.dependencies) needed.insert(dependency.name);
    std::vector<pep::Name> out;
    for (const auto& [name, packages] : by_name_)
      if (!needed.contains(name)) out.push_back(name);
    return out;
  }

  const LockFile& lock_;
  std::vector<std::string> references_;
  std::map<pep::Name, std::vector<std::size_t>> by_name_;
};

Json metadata_of(const SbomOptions& options, const std::string& root) {
  Json out = Json::object();
  if (options.timestamp) out["timestamp"] = time::to_rfc3339(*options.timestamp);
  Json tool = {{"type", "application"}, {"name", "pkg"}};
  if (!options.tool_version.empty()) tool["version"] = options.tool_version;
  out["tools"] = {{"components", Json::array({std::move(tool)})}};
  if (options.project.empty()) return out;
  Json component = {{"type", "application"}, {"bom-ref", root}, {"name", options.project}};
  if (!options.project_version.empty()) component["version"] = options.project_version;
  out["component"] = std::move(component);
  return out;
}

// A UUID of the kind that anyone may define (RFC 9562, version 8).
std::string uuid_of(std::string_view content) {
  std::string bytes = hash::sha256(content).substr(0, 16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x80U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  std::string text = hash::to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

std::string cyclonedx_json(const LockFile& lock, const SbomOptions& options) {
  const std::string root = options.project.empty() ? std::string() : cat("project:", options.project);
  const Graph graph(lock, references_for(lock, root));
  Json components = Json::array(), dependencies = Json::array();
  if (!root.empty()) dependencies.push_back({{"ref", root}, {"dependsOn", graph.edges_of_root()}});
  for (std::size_t i = 0; i < lock.packages.size(); ++i) {
    components.push_back(component_of(lock.packages[i], graph.reference(i)));
    dependencies.push_back({{"ref", graph.reference(i)}, {"dependsOn", graph.edges_of(lock.packages[i])}});
  }
  Json body = {{"version", 1},
               {"metadata", metadata_of(options, root)},
               {"components", std::move(components)},
               {"dependencies", std::move(dependencies)}};
  Json out = {{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
              {"bomFormat", "CycloneDX"},
              {"specVersion", "1.6"},
              {"serialNumber", cat("urn:uuid:", uuid_of(json::dump(body)))}};
  out.update(body);
  return json::dump(out, 2) + "\n";
}

}  // namespace pkg::lock
