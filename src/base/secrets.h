#pragma once
// What of an environment looks like a credential.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pkg {

using Variables = std::vector<std::pair<std::string, std::string>>;

// A name with a word like TOKEN, PASSWORD, AUTH or KEY.
bool sounds_secret(std::string_view name);
// "user:password@host" behind a scheme, or, where a value may lack its scheme (proxies), at its front.
bool holds_credentials(std::string_view value, bool may_lack_scheme);
// A value in a form that issuers document for their tokens and keys ("ghp_…", "AKIA…", a private key), or with words
// that stand before passwords ("Password=").
bool looks_secret(std::string_view value);
bool is_proxy_name(std::string_view name);

// This process's variables without what sounds secret, holds credentials, or is a setting of pkg, pip or uv: for
// programs that run for us.
Variables environment_without_secrets();

}  // namespace pkg
