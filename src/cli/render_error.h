#pragma once
// Errors as people read them, and as exit codes (cli.md).

#include <string>

#include "base/result.h"

namespace pkg::cli {

std::string render_error(const Error& error);
int exit_code(ErrorKind kind);

}  // namespace pkg::cli
