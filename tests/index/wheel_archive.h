#pragma once
// A small wheel as bytes, for tests of what a RECORD and a dist-info folder may say: valid by default, and a test
// breaks one thing.

#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "support/zip_builder.h"

namespace pkg::test {

// Members, stored as they are, in order.
inline std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, content] : members) {
    entries.emplace_back();
    entries.back().name = name;
    entries.back().content = content;
  }
  return build_zip(entries);
}

class WheelArchive {
 public:
  std::string name_in_file = "demo", version_in_file = "1.0", dist_info = "demo-1.0.dist-info";
  std::string metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: other>=2\n";
  std::string wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  bool without_record = false;

  std::string file_name() const { return cat(name_in_file, "-", version_in_file, "-py3-none-any.whl"); }

  WheelArchive& add(std::string path, std::string content) {
    members_.emplace_back(std::move(path), std::move(content));
    executable_.push_back(false);
    return *this;
  }
  WheelArchive& add_executable(std::string path, std::string content) {
    add(std::move(path), std::move(content));
    executable_.back() = true;
    return *this;
  }
  // Says this of `path` in RECORD instead of the truth.
  WheelArchive& row(std::string path, std::string digest, std::string size) {
    rows_.push_back({std::move(path), std::move(digest), std::move(size), true});
    return *this;
  }
  WheelArchive& drop_row(std::string path) {
    rows_.push_back({std::move(path), "", "", false});
    return *this;
  }

  std::string bytes() const {
    auto all = members_;
    all.emplace_back(cat(dist_info, "/METADATA"), metadata);
    all.emplace_back(cat(dist_info, "/WHEEL"), wheel);
    if (!without_record) all.emplace_back(cat(dist_info, "/RECORD"), record(all));
    std::vector<ZipEntry> entries(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      entries[i].name = all[i].first;
      entries[i].content = all[i].second;
      entries[i].deflate = all[i].second.size() > 100;
      if (i < executable_.size() && executable_[i]) entries[i].mode = 0100755;
    }
    return build_zip(entries);
  }

 private:
  struct Row {
    std::string path, digest, size;
    bool is_there;
  };
  std::string record(const std::vector<std::pair<std::string, std::string>>& all) const {
    std::string text;
    const auto write = [&](const std::string& path, const std::string& digest, const std::string& size) {
      append(text, path, ",", digest, ",", size, "\n");
    };
    for (const auto& [path, content] : all) {
      bool is_said_otherwise = false;
      for (const auto& row : rows_) is_said_otherwise = is_said_otherwise || row.path == path;
      if (!is_said_otherwise)
        write(path, cat("sha256=", hash::to_base64url(hash::sha256(content))), cat(content.size()));
    }
    for (const auto& row : rows_)
      if (row.is_there) write(row.path, row.digest, row.size);
    write(cat(dist_info, "/RECORD"), "", "");
    return text;
  }

  std::vector<std::pair<std::string, std::string>> members_;
  std::vector<bool> executable_;
  std::vector<Row> rows_;
};

}  // namespace pkg::test
