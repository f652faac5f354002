#pragma once
// Which bytes of a remote wheel to ask for, to read its METADATA without the rest: the archive's tail, what of the
// central directory that did not hold, and the member. Tools write METADATA near the end, so one request is often
// enough. No I/O here: the caller asks and hands in the answers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/zip.h"

namespace pkg::index {

struct ByteRange {
  std::optional<std::uint64_t> first;  // absent: the last `count` bytes
  std::uint64_t count = 0;
  std::string header_value() const;  // "bytes=100-199", "bytes=-100": of the Range header (RFC 9110)
  bool operator==(const ByteRange&) const = default;
};

// A Content-Range of one part: "bytes 100-199/1234". nullopt: anything else, an unknown total ("*") too.
struct ContentRange {
  std::uint64_t first = 0, last = 0, total = 0;
  static std::optional<ContentRange> parse(std::string_view header_value);
  bool operator==(const ContentRange&) const = default;
};

class RemoteMetadata {
 public:
  explicit RemoteMetadata(std::optional<std::uint64_t> archive_size);  // as announced, or unknown
  const ByteRange& next() const { return next_; }                      // what to ask for now
  // Takes the answer: `bytes` of the archive from `first` on. The text of METADATA, or nullopt: ask for next().
  // Errors: bad_data (not a zip, no METADATA or more than one, answers that do not fit together, too many rounds).
  Result<std::optional<std::string>> add(std::uint64_t first, std::uint64_t total, std::string bytes);

 private:
  Status join(std::uint64_t first, std::string bytes);
  Status read_directory();
  Status ask(std::uint64_t first, std::uint64_t end);
  Result<std::optional<std::string>> read_member();

  ByteRange next_;
  std::uint64_t total_ = 0,
                have_from_ =
                    0;  // what we have goes from here to the archive's end, or (once the member is known) is the member
  std::string have_;
  std::optional<zip::Entry> member_;
  std::uint64_t member_end_ = 0;
  int rounds_ = 0;
};

}  // namespace pkg::index
