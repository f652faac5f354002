#include "index/remote/s3_credentials.h"

#include <utility>

#include "base/limits.h"
#include "base/own_file.h"
#include "base/text.h"
#include "base/time.h"

namespace pkg::index {
namespace {

constexpr std::size_t kMostSections = 1000, kMostKeys = 100;
constexpr std::string_view kProfileMark = "profile ";

std::string variable(const Getenv& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(trim(value));
}

std::string first_of(std::string a, std::string b) { return a.empty() ? std::move(b) : std::move(a); }

// No file is no sections.
Result<AwsSections> read_sections(const fs::Path& path) {
  if (path.empty() || !fs::exists(path)) return AwsSections();
  PKG_TRY_ASSIGN(const auto file, fs::read_own_file(path, limits::kSettings, fs::FileLinks::follow));
  return parse_aws_file(file.text);
}

fs::Path file_of(const Getenv& environment, const char* name, const char* below_home) {
  if (auto named = variable(environment, name); !named.empty()) return named;
  const auto home = home_folder(environment);
  return home.empty() ? fs::Path() : home / ".aws" / below_home;
}

std::string value_of(const std::map<std::string, std::string>& section, const char* key) {
  const auto found = section.find(key);
  return found == section.end() ? std::string() : found->second;
}

std::optional<AwsCredentials> credentials_of(const std::map<std::string, std::string>& section, std::string from) {
  AwsCredentials found{.access_key = value_of(section, "aws_access_key_id"),
                       .secret_key = value_of(section, "aws_secret_access_key"),
                       .session_token = value_of(section, "aws_session_token"),
                       .from = std::move(from)};
  if (found.access_key.empty() || found.secret_key.empty()) return std::nullopt;
  return found;
}

std::optional<AwsCredentials> credentials_of(const Getenv& environment) {
  AwsCredentials found{.access_key = variable(environment, "AWS_ACCESS_KEY_ID"),
                       .secret_key = variable(environment, "AWS_SECRET_ACCESS_KEY"),
                       .session_token = variable(environment, "AWS_SESSION_TOKEN"),
                       .from = "AWS_ACCESS_KEY_ID"};
  if (found.access_key.empty() || found.secret_key.empty()) return std::nullopt;
  return found;
}

std::optional<WebIdentity> usable(WebIdentity identity) {
  if (identity.token_file.empty() || identity.role_arn.empty()) return std::nullopt;
  if (identity.session_name.empty()) identity.session_name = "pkg";
  return identity;
}

void append_text(std::string& out, std::string_view xml) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  while (!xml.empty()) {
    std::size_t taken = 1;
    char c = xml.front();
    for (const auto& [entity, meaning] : kEntities) {
      if (!xml.starts_with(entity)) continue;
      taken = entity.size();
      c = meaning;
    }
    out += c;
    xml.remove_prefix(taken);
  }
}

}  // namespace

AwsSections parse_aws_file(std::string_view text) {
  AwsSections sections;
  std::map<std::string, std::string>* section = nullptr;
  for (const auto line : split_lines(text)) {
    const auto words = trim(line);
    if (words.empty() || words.front() == '#' || words.front() == ';') continue;
    if (words.front() == '[') {
      auto name = trim(words.substr(1, words.find(']') - 1));
      if (name.starts_with(kProfileMark)) name = trim(name.substr(kProfileMark.size()));
      section = sections.size() < kMostSections ? &sections[std::string(name)] : nullptr;
      continue;
    }
    const auto equals = words.find('=');
    const bool is_continued = line.front() == ' ' || line.front() == '\t';
    if (section == nullptr || is_continued || equals == std::string_view::npos || section->size() >= kMostKeys)
      continue;
    (*section)[to_ascii_lower(trim(words.substr(0, equals)))] = std::string(trim(words.substr(equals + 1)));
  }
  return sections;
}

Result<S3Identity> find_s3_identity(const Getenv& environment) {
  S3Identity identity;
  identity.endpoint = first_of(variable(environment, "AWS_ENDPOINT_URL_S3"), variable(environment, "AWS_ENDPOINT_URL"));
  identity.sts_endpoint =
      first_of(variable(environment, "AWS_ENDPOINT_URL_STS"), variable(environment, "AWS_ENDPOINT_URL"));
  identity.region = first_of(variable(environment, "AWS_REGION"), variable(environment, "AWS_DEFAULT_REGION"));
  identity.credentials = credentials_of(environment);
  if (!identity.credentials)
    identity.web_identity = usable({.token_file = variable(environment, "AWS_WEB_IDENTITY_TOKEN_FILE"),
                                    .role_arn = variable(environment, "AWS_ROLE_ARN"),
                                    .session_name = variable(environment, "AWS_ROLE_SESSION_NAME")});
  const bool needs_files = (!identity.credentials && !identity.web_identity) || identity.region.empty();
  if (!needs_files) return identity;
  const auto profile = first_of(variable(environment, "AWS_PROFILE"), "default");
  PKG_TRY_ASSIGN(auto shared, read_sections(file_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")));
  PKG_TRY_ASSIGN(auto config, read_sections(file_of(environment, "AWS_CONFIG_FILE", "config")));
  const auto& settings = config[profile];
  if (identity.region.empty()) identity.region = value_of(settings, "region");
  if (identity.endpoint.empty()) identity.endpoint = value_of(settings, "endpoint_url");
  if (identity.credentials || identity.web_identity) return identity;
  identity.credentials = credentials_of(shared[profile], cat("the profile ", quote(profile)));
  if (!identity.credentials) identity.credentials = credentials_of(settings, cat("the profile ", quote(profile)));
  if (!identity.credentials)
    identity.web_identity = usable({.token_file = value_of(settings, "web_identity_token_file"),
                                    .role_arn = value_of(settings, "role_arn"),
                                    .session_name = value_of(settings, "role_session_name")});
  return identity;
}

std::string web_identity_form(const WebIdentity& identity, std::string_view token) {
  return sigv4_query({{"Action", "AssumeRoleWithWebIdentity"},
                      {"Version", "2011-06-15"},
                      {"RoleArn", identity.role_arn},
                      {"RoleSessionName", identity.session_name},
                      {"WebIdentityToken", std::string(token)}});
}

std::string xml_text(std::string_view xml, std::string_view element) {
  const auto open = cat('<', element, '>'), close = cat("</", element, '>');
  const auto start = xml.find(open);
  if (start == std::string_view::npos) return {};
  const auto end = xml.find(close, start + open.size());
  if (end == std::string_view::npos) return {};
  std::string text;
  append_text(text, trim(xml.substr(start + open.size(), end - start - open.size())));
  return text;
}

Result<AwsCredentials> credentials_of_answer(std::string_view xml) {
  AwsCredentials found{.access_key = xml_text(xml, "AccessKeyId"),
                       .secret_key = xml_text(xml, "SecretAccessKey"),
                       .session_token = xml_text(xml, "SessionToken"),
                       .expires_at = time::parse_rfc3339(xml_text(xml, "Expiration")).value_or(0),
                       .from = "the web identity"};
  if (!found.access_key.empty() && !found.secret_key.empty()) return found;
  const auto code = xml_text(xml, "Code");
  return make_error(ErrorKind::bad_data, cat("the role's answer has no credentials",
                                             code.empty() ? std::string() : cat(" (", quote(code), ")")));
}

}  // namespace pkg::index
