#pragma once
// A project's page in the form in which it is kept, in memory and on disk: a head, the versions newest first, then the
// files version by version (docs/internals/cache-layout.md#pages). Reading decodes what is asked for; no length, offset
// or checksum in the bytes is trusted.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/binary.h"
#include "base/fs.h"
#include "base/result.h"
#include "index/index.h"
#include "pep/dist_file.h"
#include "pep/name.h"

namespace pkg::index {

struct PageFacts {
  bool found = true;            // false: the index has no such project
  std::int64_t fetched_at = 0;  // unix seconds; of the last time the index confirmed it
  std::int64_t max_age_s = 0;   // from then on
  std::string etag, last_modified;
  std::string body_digest;            // of the bytes the index sent
  std::string url;                    // where they came from, without credentials
  std::string index;                  // name or address of the index, for messages and DistFile::index
  std::string status, status_reason;  // PEP 792
  std::uint32_t skipped = 0;          // links that are no wheels or sdists of the project
};

// Threads: any.
class PackedPage {
 public:
  // nullptr: the bytes are no page of this format, or damaged.
  static std::shared_ptr<const PackedPage> from_bytes(pep::Name project, std::string bytes);
  // The same for a file, of which only the beginning is read now. nullptr too when there is no such file.
  static std::shared_ptr<const PackedPage> from_file(pep::Name project, const fs::Path& path);
  // Writes when and for how long the file's content was confirmed. io.
  static Status confirm(const fs::Path& path, std::int64_t fetched_at, std::int64_t max_age_s);

  const PageFacts& facts() const { return facts_; }
  std::string_view bytes() const { return start_; }  // all of a page made from bytes, until read_from()
  // A page made from bytes, which are in this file now, lets go of them. Nothing happens when the file holds another
  // page. bytes() are gone.
  void read_from(const fs::Path& path) const;
  std::span<const ReleaseEntry> releases() const;  // newest first
  // io: the part of the file with them is damaged.
  Result<std::vector<pep::DistFile>> files(std::size_t release) const;
  // The wheel variants, which files() leaves out. io, as there.
  Result<VariantFiles> variants(std::size_t release) const;
  // Only the names of files(): no more than a look at each record. io, as files().
  Status each_file_name(std::size_t release, const std::function<void(std::string_view)>& visit) const;

 private:
  struct Block {
    std::uint32_t offset = 0, size = 0, checksum = 0;
  };
  PackedPage(pep::Name project, std::string start) : project_(std::move(project)), start_(std::move(start)) {}
  bool read_head(std::uint64_t file_size);
  bool read_table() const;
  // Bytes of the page, and what keeps them.
  struct Bytes {
    std::shared_ptr<char[]> owner;
    std::string_view text;
    static Bytes of(std::size_t size) {
      auto owner = std::make_shared_for_overwrite<char[]>(size);
      const std::string_view text(owner.get(), size);
      return {std::move(owner), text};
    }
  };
  struct Parts {
    Bytes bytes;
    std::string_view files, variants;  // records
  };
  Result<Parts> parts(std::size_t release) const;
  Result<std::vector<pep::DistFile>> files_in(std::string_view part, const pep::Version& version) const;
  Error malformed() const;
  Result<Bytes> block(const Block& wanted) const;
  Result<Bytes> read_window(std::uint64_t at, std::size_t wanted) const;
  bool is_in(const fs::Fd& file) const;
  std::optional<pep::DistFile> read_file(BinaryReader& in, const pep::Version& version) const;

  const pep::Name project_;
  mutable std::mutex bytes_mutex_;  // guards the next five once the object is shared
  mutable std::string start_;       // of the file, or all of it
  mutable fs::Path path_;
  mutable fs::Fd file_;   // when not all of it is in start_
  mutable Bytes window_;  // what was read of the file last; more than was asked for when releases are looked at one
                          // after the other
  mutable std::uint64_t window_at_ = 0;
  PageFacts facts_;
  std::string url_prefix_;
  std::uint64_t size_ = 0;
  std::size_t table_at_ = 0, table_end_ = 0;
  mutable std::once_flag table_once_;
  mutable std::vector<ReleaseEntry> releases_;
  mutable std::vector<Block> blocks_;
};

}  // namespace pkg::index
