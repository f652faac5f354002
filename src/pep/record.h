#pragma once
// RECORD: the list of a distribution's files with hashes and sizes (PEP 376, PEP 627).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

struct RecordRow {
  std::string path;                         // '/'-separated
  std::string algorithm, digest_base64url;  // empty when the row has no hash
  std::optional<std::uint64_t> size;
  bool operator==(const RecordRow&) const = default;
};

// bad_data names the line. Backslashes in paths become '/', as some tools write them.
Result<std::vector<RecordRow>> parse_record(std::string_view text);
// Appends one field as write_record writes it: quoted when it has to be.
void append_record_field(std::string& out, std::string_view field);
std::string write_record(std::span<const RecordRow> rows);  // CSV as the standard library's writer, "\n" line ends
// True when `content` has the row's size and hash, as far as it gives them. An unknown algorithm never matches; a weak
// one (md5) may.
bool content_matches(const RecordRow& row, std::string_view content);

}  // namespace pkg::pep
