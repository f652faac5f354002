#pragma once
// A folder beside the place where an environment is wanted: in it the environment is built, and what it replaced is
// deleted. Killed commands leave theirs behind; the next one that makes an environment of that name deletes it.

#include <filesystem>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::venv {

// `.NAME-PID-…` beside NAME, locked and deleted at the end of its life.
class Stage {
 public:
  // Makes the folders above, too. io · busy: others keep deleting it.
  static Result<Stage> make(const std::filesystem::path& folder);
  std::filesystem::path fresh() const;  // nothing is there at first

 private:
  Stage(fs::Fd lock, fs::TempDir dir) : lock_(std::move(lock)), dir_(std::move(dir)) {}
  fs::Fd lock_;  // outlives the folder
  fs::TempDir dir_;
};

// Deletes this user's stages for `folder` that nobody holds; none where the file system has no locks, which would say
// so. What has such a name and more in it than a stage has is somebody's, and stays.
void delete_abandoned_stages(const std::filesystem::path& folder);

}  // namespace pkg::venv
