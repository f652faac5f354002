#pragma once
// What a transcript's commands find: a folder of their own with a home, one interpreter, an index in memory, and no
// variable of the machine's.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "support/memory_index.h"
#include "support/temp_dir.h"
#include "transcript.h"

namespace pkg::test {

// The variables of this process as they were, at the end; meanwhile those that are given.
class OtherVariables {
 public:
  explicit OtherVariables(const std::vector<std::pair<std::string, std::string>>& variables);
  ~OtherVariables();
  OtherVariables(const OtherVariables&) = delete;
  OtherVariables& operator=(const OtherVariables&) = delete;

 private:
  std::vector<std::string> before_;
};

// One at a time: it changes the variables and the working folder of the process.
class TranscriptWorld {
 public:
  TranscriptWorld();
  ~TranscriptWorld();
  TranscriptWorld(const TranscriptWorld&) = delete;
  TranscriptWorld& operator=(const TranscriptWorld&) = delete;

  const std::string& root() const { return root_; }
  // Throws std::runtime_error for what it does not know.
  void set_up(const TranscriptEntry& entry);
  // `pkg …`, or `cat FILE`, `ls FOLDER`. What differs from machine to machine is replaced: [ROOT], [VERSION], [KERNEL].
  Outcome run(const std::vector<std::string>& words);

 private:
  std::filesystem::path path(const std::string& name) const;  // below the working folder, unless absolute
  void make_interpreter(const std::string& version);
  std::filesystem::path make_environment();  // its site-packages
  void install(const std::vector<std::string>& words);
  void add_release(const std::vector<std::string>& words);
  Outcome run_pkg(const std::vector<std::string>& words);
  Outcome run_in_child(const std::vector<std::string>& words, const cli::Start& start) const;
  std::string placed(std::string text) const;

  TempDir folder_;
  std::string root_;
  std::filesystem::path working_folder_before_;
  std::unique_ptr<OtherVariables> variables_;
  MemoryIndex index_;
  std::string input_;  // standard input of the next step
  bool is_terminal_ = false;
  bool in_child_ = false;  // the next step
};

}  // namespace pkg::test
