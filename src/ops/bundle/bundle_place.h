#pragma once
// Where a bundle is put: as a folder or an archive, whole or not at all; and what may be replaced by it.

#include <filesystem>
#include <optional>
#include <utility>

#include "base/archive_write.h"
#include "base/fs.h"
#include "base/result.h"

namespace pkg::ops {

class BundlePlace {
 public:
  // conflict: `path` is there and neither an empty folder, a bundle, nor (of an archive) a file · io.
  static Result<BundlePlace> open(const std::filesystem::path& path);

  const std::filesystem::path& folder() const {
    return folder_;
  }  // empty, to be filled; beside the path, gone with the object
  const std::filesystem::path& files_before() const {
    return before_;
  }                  // distributions of the bundle that is replaced; empty: none
  Status publish();  // once; io

 private:
  BundlePlace(std::filesystem::path path, fs::TempDir temporary)
      : path_(std::move(path)), temporary_(std::move(temporary)) {}
  Status publish_folder();
  Status publish_archive(archive::Format format);

  std::filesystem::path path_;
  fs::TempDir temporary_;
  std::filesystem::path folder_, before_;
  std::optional<archive::Format> format_;
};

}  // namespace pkg::ops
