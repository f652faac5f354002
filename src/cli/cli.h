#pragma once
// The program: chooses the command, runs it, turns errors into text and exit codes (cli.md, "Exit codes").

namespace pkg::cli {

int run(int argc, char** argv);

}  // namespace pkg::cli
