#pragma once
// RECORD: the list of a distribution's files with hashes and sizes (PEP 376, PEP 627). One reader, row by row, and one
// writer; only fields in quotes allocate.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

// Takes CSV rows apart as Python's reader does: a field that begins with a quote ends at the next single one and may
// hold commas and line ends; "" stands for a quote; anything after the closing quote is taken as it is. Any text is
// read: what is malformed, as far as it goes.
class RecordReader {
 public:
  // `text` has to outlive the reader.
  explicit RecordReader(std::string_view text) : text_(text) {}

  // The next row, be it empty or of another number of fields. False: there is none.
  bool next();
  // The next row that has a path.
  bool next_file();

  // Of the row, without quotes; empty when it ends before. They hold until the next row.
  std::string_view path() const { return fields_[0]; }
  std::string_view hash() const { return fields_[1]; }
  std::string_view size() const { return fields_[2]; }
  std::size_t field_count() const { return field_count_; }  // a row of RECORD has three; 0: an empty line
  int line() const { return line_; }                        // where the row ends; the first is 1

 private:
  bool skip_line_end();
  std::string_view read_field(std::string& unquoted);
  void read_quoted(std::string& field);

  std::string_view text_;
  std::size_t at_ = 0, field_count_ = 0;
  int line_ = 0;
  std::array<std::string_view, 3> fields_;
  std::array<std::string, 4> unquoted_;  // the last is for surplus fields
};

// The field `sha256=…` in its two parts.
struct RecordHash {
  std::string_view algorithm, digest_base64url;
};
std::optional<RecordHash> split_record_hash(std::string_view field);  // nullopt: it is empty or no such thing

struct RecordRow {
  std::string path;                         // '/'-separated
  std::string algorithm, digest_base64url;  // empty when the row has no hash
  std::optional<std::uint64_t> size;
  bool operator==(const RecordRow&) const = default;
};

// Every row, checked. bad_data names the line. Backslashes in paths become '/', as some tools write them.
Result<std::vector<RecordRow>> parse_record(std::string_view text);

// Appends one field as Python's writer does: in quotes when it has to be.
void append_record_field(std::string& out, std::string_view field);
// Appends the row of the file `folder` + `name`, of which nothing more is said; or its SHA-256 (raw bytes) and size.
void append_record_row(std::string& out, std::string_view folder, std::string_view name);
void append_record_row(std::string& out, std::string_view folder, std::string_view name, std::string_view sha256,
                       std::uint64_t size_bytes);

}  // namespace pkg::pep
