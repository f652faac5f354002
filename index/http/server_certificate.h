#pragma once
// What libcurl does not ask of a server's certificate.

#include <string_view>

namespace pkg::index {

// Whether a certificate (PEM) has the extension subjectAltName. False for what is no certificate.
bool lists_names(std::string_view pem);

}  // namespace pkg::index
