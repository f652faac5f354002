#include "pep/record.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::pep {
namespace {

// CSV rows of three fields as the standard library's reader takes them apart: a field that begins with a quote ends at
// the next single one and may hold commas and line ends; "" stands for a quote; anything after the closing quote is
// taken as it is.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  int line() const { return line_; }

  // Fills `fields` and returns how many fields the row has; those beyond the third are counted only. 0: an empty line.
  // The views hold until the next call.
  std::size_t read_row(std::array<std::string_view, 3>& fields) {
    ++line_;
    if (skip_line_end()) return 0;
    std::size_t count = 0;
    while (true) {
      const std::string_view field = read_field(unquoted_[std::min(count, unquoted_.size() - 1)]);
      if (count < fields.size()) fields[count] = field;
      ++count;
      if (at_end() || skip_line_end()) return count;
      ++at_;  // the comma
    }
  }

 private:
  bool is_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  bool skip_line_end() {
    if (at_end() || !is_line_end()) return false;
    at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
    return true;
  }

  // A view into the text, or into `unquoted` when the field was quoted.
  std::string_view read_field(std::string& unquoted) {
    const bool quoted = !at_end() && text_[at_] == '"';
    unquoted.clear();
    if (quoted) read_quoted(unquoted);
    const std::size_t start = at_;
    while (!at_end() && text_[at_] != ',' && !is_line_end()) ++at_;
    const std::string_view plain = text_.substr(start, at_ - start);
    return quoted ? std::string_view(unquoted.append(plain)) : plain;
  }

  void read_quoted(std::string& field) {
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        if (at_end() || text_[at_] != '"') return;
      }
      if (text_[at_] == '\n') ++line_;
      field.push_back(text_[at_]);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 0;
  std::array<std::string, 4> unquoted_;  // the last is for surplus fields
};

Error malformed(int line, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("RECORD is malformed in line ", line, ": ", why));
}

Result<RecordRow> make_row(const std::array<std::string_view, 3>& fields, int line) {
  RecordRow row;
  if (fields[0].empty()) return malformed(line, "the path is empty");
  row.path = fields[0];
  std::replace(row.path.begin(), row.path.end(), '\\', '/');
  if (!fields[1].empty()) {
    const auto hash = fields[1];
    const auto equals = hash.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return malformed(line, cat("the hash ", quote(hash), " is not `algorithm=digest`"));
    row.algorithm = hash.substr(0, equals);
    row.digest_base64url = hash.substr(equals + 1);
  }
  const std::string_view size = trim(fields[2]);
  if (!fields[2].empty()) {
    row.size = parse_u64(size);
    if (!row.size) return malformed(line, cat("the size ", quote(size), " is not a number"));
  }
  return row;
}

}  // namespace

void append_record_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(field);
    return;
  }
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

Result<std::vector<RecordRow>> parse_record(std::string_view text) {
  std::vector<RecordRow> rows;
  rows.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  std::array<std::string_view, 3> fields;
  CsvReader reader(text);
  while (!reader.at_end()) {
    const std::size_t count = reader.read_row(fields);
    if (count != fields.size()) return malformed(reader.line(), cat("expected 3 fields, found ", count));
    PKG_TRY_ASSIGN(auto row, make_row(fields, reader.line()));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string write_record(std::span<const RecordRow> rows) {
  std::string out;
  out.reserve(rows.size() * 100);
  for (const RecordRow& row : rows) {
    append_record_field(out, row.path);
    out.push_back(',');
    if (!row.algorithm.empty()) append_record_field(out, cat(row.algorithm, "=", row.digest_base64url));
    out.push_back(',');
    if (row.size) append(out, *row.size);
    out.push_back('\n');
  }
  return out;
}

bool content_matches(const RecordRow& row, std::string_view content) {
  if (row.size && *row.size != content.size()) return false;
  if (row.algorithm.empty()) return true;
  const auto algorithm = hash::algorithm_from_name(row.algorithm);
  return algorithm && hash::to_base64url(hash::digest(*algorithm, content)) == row.digest_base64url;
}

}  // namespace pkg::pep
