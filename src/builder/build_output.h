#pragma once
// The log of a build: what the backend prints goes through us into a file, up to a limit.

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::builder {

class BuildOutput {
 public:
  // Makes the file, or empties it.
  static Result<BuildOutput> create(std::filesystem::path file, std::uint64_t limit_bytes);

  // Takes what is there to read from `pipe`, without waiting; false at its end. build: there was more than the limit;
  // the file has what fits.
  Result<bool> take(int pipe);

  const std::filesystem::path& file() const { return file_; }
  // The last part of the log, where its telling lines are.
  std::string tail() const;

 private:
  BuildOutput(std::filesystem::path file, fs::Fd fd, std::uint64_t limit_bytes)
      : file_(std::move(file)), fd_(std::move(fd)), limit_bytes_(limit_bytes) {}
  std::filesystem::path file_;
  fs::Fd fd_;
  std::uint64_t limit_bytes_ = 0, written_bytes_ = 0;
};

}  // namespace pkg::builder
