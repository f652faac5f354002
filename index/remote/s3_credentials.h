#pragma once
// Whose requests to an S3 store are, found where the AWS tools look: variables, a web identity's token file, the shared
// credentials and config files. Instance metadata is not asked: it would cost every machine without it a wait.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/user_folders.h"
#include "index/remote/sigv4.h"

namespace pkg::index {

// "[section]" with "key = value" below, as the AWS files have it: comments begin with '#' or ';', continued lines
// (indented) are passed over, "profile " before a name goes. Of one name the later value counts.
using AwsSections = std::map<std::string, std::map<std::string, std::string>>;
AwsSections parse_aws_file(std::string_view text);

// A role that somebody else vouches for: exchanged for credentials at STS.
struct WebIdentity {
  std::string token_file, role_arn, session_name;
};

struct S3Identity {
  std::optional<AwsCredentials> credentials;
  std::optional<WebIdentity> web_identity;  // where there are no credentials as they are
  std::string region;                       // empty: nobody says it
  std::string endpoint, sts_endpoint;       // empty: AWS's
};

// What this user has. `environment`: getenv, or a fake of tests. Neither credentials nor identity: requests are not
// signed. Errors: bad_data, io (a file that says whom to be: another user's, open to writers, or no file).
Result<S3Identity> find_s3_identity(const Getenv& environment);

// AssumeRoleWithWebIdentity: the form to POST, and what the answer says. bad_data: it has no credentials.
std::string web_identity_form(const WebIdentity& identity, std::string_view token);
Result<AwsCredentials> credentials_of_answer(std::string_view xml);

// The text of an element of one of S3's or STS's answers, its entities resolved; empty: there is none. For short
// fields: no parser of XML.
std::string xml_text(std::string_view xml, std::string_view element);

}  // namespace pkg::index
