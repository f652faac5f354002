#pragma once
// The program: chooses the command, runs it, turns errors into text and exit codes
// (docs/reference/commands.md#exit-codes).

#include <string>
#include <vector>

namespace pkg::ops {
struct SessionEdges;
}

namespace pkg::cli {

// Prepares the process (guard, signals, umask, what is thrown where nobody waits), then does as run_words.
int run(int argc, char** argv);

// What a command finds around it, besides variables and the working folder.
struct Start {
  unsigned user_mask = 022;                       // the umask that commands which pkg runs get back
  const ops::SessionEdges* edges = nullptr;       // where commands meet the world; null: as the program does
  std::string system_pip_file = "/etc/pip.conf";  // pip's settings for the whole machine
};

// `words`: what follows the program's name. Runs the command they name, writes what it has to say through
// cli/output/output.h, errors too, and returns the exit code. Leaves nothing behind in the process that changes the
// next call; `pkg run` does not return when its command starts. Threads: the main thread only.
int run_words(const std::vector<std::string>& words, const Start& start = {});

}  // namespace pkg::cli
