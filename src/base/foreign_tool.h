#pragma once
// Programs of others that work for pkg (git, hg, svn, bzr, keyring): what of our environment they see, and which words
// from outside may become their arguments. Where they are found: base/process.h.

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secrets.h"

namespace pkg::process {

// The variables by which a program finds its user, session, language, trust, proxies and agents, and those of `also`
// ("GIT_SSH", "AWS_*"). No proxy with credentials. PATH is that of find_program.
Variables tool_environment(std::initializer_list<std::string_view> also);

// A proxy variable ("https_proxy", in either case of letters) that tool_environment leaves out for its credentials;
// empty: there is none.
std::string proxy_with_credentials(std::string_view scheme);

// bad_data: a word that a program would take for an option ("-x"), or that no argument can hold (NUL, other control
// characters). `what`: "the user name".
Status check_argument(std::string_view word, std::string_view what);

}  // namespace pkg::process
