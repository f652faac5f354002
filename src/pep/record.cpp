#include "pep/record.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::pep {
namespace {

bool ends_record(char c) { return c == '\n' || c == '\r'; }

Error malformed_record(int line, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("RECORD is malformed in line ", line, ": ", why));
}

Result<RecordRow> checked_row(const RecordReader& reader) {
  const int line = reader.line();
  if (reader.field_count() != 3) return malformed_record(line, cat("expected 3 fields, found ", reader.field_count()));
  if (reader.path().empty()) return malformed_record(line, "the path is empty");
  RecordRow row;
  row.path = reader.path();
  std::replace(row.path.begin(), row.path.end(), '\\', '/');
  if (!reader.hash().empty()) {
    const auto hash = split_record_hash(reader.hash());
    if (!hash) return malformed_record(line, cat("the hash ", quote(reader.hash()), " is not `algorithm=digest`"));
    row.algorithm = hash->algorithm;
    row.digest_base64url = hash->digest_base64url;
  }
  if (!reader.size().empty()) {
    const std::string_view size = trim(reader.size());
    row.size = parse_u64(size);
    if (!row.size) return malformed_record(line, cat("the size ", quote(size), " is not a number"));
  }
  return row;
}

bool needs_quotes(std::string_view text) {
  bool needs = false;  // no early way out: names are short, and a plain loop is quickest
  for (const char c : text) needs |= c == ',' || c == '"' || c == '\r' || c == '\n';
  return needs;
}

void append_quoted(std::string& out, std::string_view field) {
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

void append_path(std::string& out, std::string_view folder, std::string_view name) {
  if (needs_quotes(folder) || needs_quotes(name))
    append_quoted(out, cat(folder, name));
  else
    append(out, folder, name);
}

}  // namespace

bool RecordReader::next() {
  if (at_ >= text_.size()) return false;
  ++line_;
  fields_ = {};
  field_count_ = 0;
  if (skip_line_end()) return true;
  while (true) {
    const std::string_view field = read_field(unquoted_[std::min(field_count_, unquoted_.size() - 1)]);
    if (field_count_ < fields_.size()) fields_[field_count_] = field;
    ++field_count_;
    if (at_ >= text_.size() || skip_line_end()) return true;
    ++at_;  // the comma
  }
}

bool RecordReader::next_file() {
  while (next())
    if (!path().empty()) return true;
  return false;
}

bool RecordReader::skip_line_end() {
  if (!ends_record(text_[at_])) return false;
  at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
  return true;
}

// A view into the text, or into `unquoted` when the field was quoted.
std::string_view RecordReader::read_field(std::string& unquoted) {
  const bool quoted = at_ < text_.size() && text_[at_] == '"';
  if (quoted) read_quoted(unquoted);
  std::size_t end = at_;
  while (end < text_.size() && text_[end] != ',' && !ends_record(text_[end])) ++end;
  const std::string_view plain = text_.substr(at_, end - at_);
  at_ = end;
  return quoted ? std::string_view(unquoted.append(plain)) : plain;
}

void RecordReader::read_quoted(std::string& field) {
  field.clear();
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == '"') {
      ++at_;
      if (at_ >= text_.size() || text_[at_] != '"') return;
    }
    if (text_[at_] == '\n') ++line_;
    field.push_back(text_[at_]);
  }
}

std::optional<RecordHash> split_record_hash(std::string_view field) {
  const auto equals = field.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return RecordHash{field.substr(0, equals), field.substr(equals + 1)};
}

Result<std::vector<RecordRow>> parse_record(std::string_view text) {
  std::vector<RecordRow> rows;
  rows.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  for (RecordReader reader(text); reader.next();) {
    PKG_TRY_ASSIGN(auto row, checked_row(reader));
    rows.push_back(std::move(row));
  }
  return rows;
}

void append_record_field(std::string& out, std::string_view field) { append_path(out, {}, field); }

void append_record_row(std::string& out, std::string_view folder, std::string_view name) {
  append_path(out, folder, name);
  out.append(",,\n");
}

void append_record_row(std::string& out, std::string_view folder, std::string_view name, std::string_view sha256,
                       std::uint64_t size_bytes) {
  append_path(out, folder, name);
  append(out, ",sha256=", hash::to_base64url(sha256), ',', size_bytes, '\n');
}

}  // namespace pkg::pep
