#pragma once
// The program: chooses the command, runs it, turns errors into text and exit codes (docs/commands.md#exit-codes).

namespace pkg::cli {

int run(int argc, char** argv);

}  // namespace pkg::cli
