#include "pep/direct_url.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/secret_url.h"
#include "base/text.h"

namespace pkg::pep {
namespace {

using json::Json;

Error malformed_url(std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("direct_url.json is malformed: ", why));
}

// The member `key`; nullptr when it is absent or null.
const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<const Json*> object_member(const Json& object, const char* key) {
  const Json* value = member(object, key);
  if (value != nullptr && !value->is_object()) return malformed_url(cat(quote(key), " is not an object"));
  return value;
}

// "" when the member is absent.
Result<std::string> text_member(const Json& object, const char* key) {
  const Json* value = member(object, key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return malformed_url(cat(quote(key), " is not a string"));
  return value->get<std::string>();
}

Result<std::string> required_text(const Json& object, const char* key) {
  if (member(object, key) == nullptr) return malformed_url(cat(quote(key), " is missing"));
  return text_member(object, key);
}

Result<VcsInfo> parse_vcs(const Json& object) {
  VcsInfo info;
  PKG_TRY_ASSIGN(info.vcs, required_text(object, "vcs"));
  PKG_TRY_ASSIGN(info.commit_id, required_text(object, "commit_id"));
  PKG_TRY_ASSIGN(info.requested_revision, text_member(object, "requested_revision"));
  return info;
}

// The older form of `hashes`: one "algorithm=hex". Where both are given they must agree.
Status add_legacy_hash(std::string_view text, bool has_hashes, ArchiveInfo& info) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return malformed_url(cat("the hash ", quote(text), " is not `algorithm=digest`"));
  const std::pair<std::string, std::string> hash(text.substr(0, equals), text.substr(equals + 1));
  if (!has_hashes) {
    info.hashes.push_back(hash);
    return ok_status();
  }
  if (std::find(info.hashes.begin(), info.hashes.end(), hash) != info.hashes.end()) return ok_status();
  return malformed_url(cat("the hash ", quote(text), " is not among the hashes"));
}

Result<ArchiveInfo> parse_archive(const Json& object) {
  ArchiveInfo info;
  PKG_TRY_ASSIGN(const Json* hashes, object_member(object, "hashes"));
  if (hashes != nullptr) {
    for (const auto& [algorithm, digest] : hashes->items()) {
      if (!digest.is_string()) return malformed_url(cat("the ", quote(algorithm), " hash is not a string"));
      info.hashes.emplace_back(algorithm, digest.get<std::string>());
    }
  }
  if (member(object, "hash") != nullptr) {
    PKG_TRY_ASSIGN(const std::string legacy, text_member(object, "hash"));
    PKG_TRY(add_legacy_hash(legacy, hashes != nullptr, info));
  }
  return info;
}

Result<DirInfo> parse_dir(const Json& object, std::string_view url) {
  const std::string plain = strip_credentials(url);
  if (!plain.starts_with("file:"))
    return malformed_url(cat("the URL ", quote(url), " of a folder does not begin with `file:`"));
  const std::string_view after_host = std::string_view(plain).substr(plain.starts_with("file://") ? 7 : 5);
  const bool has_host = plain.starts_with("file://");
  if (has_host ? after_host.find('/') == std::string_view::npos : !after_host.starts_with('/'))
    return malformed_url(cat("the URL ", quote(url), " of a folder is not absolute"));
  const Json* editable = member(object, "editable");
  if (editable != nullptr && !editable->is_boolean()) return malformed_url("`editable` is neither true nor false");
  return DirInfo{editable != nullptr && editable->get<bool>()};
}

Json to_value(const VcsInfo& info) {
  Json value = {{"vcs", info.vcs}, {"commit_id", info.commit_id}};
  if (!info.requested_revision.empty()) value["requested_revision"] = info.requested_revision;
  return value;
}

Json to_value(const ArchiveInfo& info) {
  Json value = Json::object();
  for (const auto& [algorithm, digest] : info.hashes) value["hashes"][algorithm] = digest;
  return value;
}

Json to_value(const DirInfo& info) {
  Json value = Json::object();
  if (info.editable) value["editable"] = true;
  return value;
}

// "${NAME}"
bool is_placeholder(std::string_view text) {
  if (text.size() < 4 || !text.starts_with("${") || !text.ends_with('}')) return false;
  const auto name = text.substr(2, text.size() - 3);
  return std::all_of(name.begin(), name.end(), [](char c) { return is_ascii_alnum(c) || c == '_' || c == '-'; });
}

bool may_stay(std::string_view user_info, const std::vector<std::string>& safe_users) {
  if (std::find(safe_users.begin(), safe_users.end(), user_info) != safe_users.end()) return true;
  const auto colon = user_info.find(':');
  return is_placeholder(user_info.substr(0, colon)) &&
         (colon == std::string_view::npos || is_placeholder(user_info.substr(colon + 1)));
}

// The length of "scheme" in "scheme:…"; npos when there is none.
std::size_t scheme_length(std::string_view url) {
  if (url.empty() || !is_ascii_alpha(url.front())) return std::string_view::npos;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (url[i] == ':') return i;
    if (!is_ascii_alnum(url[i]) && url[i] != '+' && url[i] != '-' && url[i] != '.') break;
  }
  return std::string_view::npos;
}

}  // namespace

std::string strip_credentials(std::string_view url, const std::vector<std::string>& safe_users) {
  const std::size_t scheme_end = scheme_length(url);
  if (scheme_end == std::string_view::npos) return std::string(url);
  const std::string scheme = to_ascii_lower(url.substr(0, scheme_end));
  std::string_view rest = url.substr(scheme_end + 1);
  if (!rest.starts_with("//")) {
    const bool is_path = scheme == "file" && rest.starts_with('/');
    return cat(scheme, ":", is_path ? "//" : "", without_secret_parameters(rest));
  }
  rest.remove_prefix(2);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos && !may_stay(authority.substr(0, at), safe_users)) rest.remove_prefix(at + 1);
  return cat(scheme, "://", without_secret_parameters(rest));
}

Result<DirectUrl> DirectUrl::parse(std::string_view json_text) {
  PKG_TRY_ASSIGN(const Json root, json::parse(json_text));
  if (!root.is_object()) return malformed_url("it is not an object");
  DirectUrl direct;
  PKG_TRY_ASSIGN(direct.url, required_text(root, "url"));
  PKG_TRY_ASSIGN(direct.subdirectory, text_member(root, "subdirectory"));
  PKG_TRY_ASSIGN(const Json* vcs, object_member(root, "vcs_info"));
  PKG_TRY_ASSIGN(const Json* archive, object_member(root, "archive_info"));
  PKG_TRY_ASSIGN(const Json* dir, object_member(root, "dir_info"));
  if ((vcs != nullptr) + (archive != nullptr) + (dir != nullptr) != 1)
    return malformed_url("expected exactly one of `vcs_info`, `archive_info` and `dir_info`");
  if (vcs != nullptr) {
    PKG_TRY_ASSIGN(direct.info, parse_vcs(*vcs));
  } else if (archive != nullptr) {
    PKG_TRY_ASSIGN(direct.info, parse_archive(*archive));
  } else {
    PKG_TRY_ASSIGN(direct.info, parse_dir(*dir, direct.url));
  }
  return direct;
}

std::string DirectUrl::to_json() const {
  static constexpr const char* kKeys[] = {"vcs_info", "archive_info", "dir_info"};
  Json root = {{"url", strip_credentials(url)}};
  root[kKeys[info.index()]] = std::visit([](const auto& kind) { return to_value(kind); }, info);
  if (!subdirectory.empty()) root["subdirectory"] = subdirectory;
  return json::dump(root);
}

}  // namespace pkg::pep
