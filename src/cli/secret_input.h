#pragma once
// A password from standard input: never an argument, never echoed.

#include <string>

#include "base/result.h"

namespace pkg::cli {

// The first line of standard input. On a terminal it is asked for, with the echo off. usage: there is no terminal, and
// the caller did not say that it comes from a pipe.
Result<std::string> read_secret(const std::string& what, bool from_pipe);

}  // namespace pkg::cli
