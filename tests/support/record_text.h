#pragma once
// RECORD from rows of any kind, as tests want it; pkg itself writes rows of SHA-256 only.

#include <span>
#include <string>

#include "base/text.h"
#include "pep/record.h"

namespace pkg::test {

inline std::string record_text(std::span<const pep::RecordRow> rows) {
  std::string text;
  for (const pep::RecordRow& row : rows) {
    pep::append_record_field(text, row.path);
    text.push_back(',');
    if (!row.algorithm.empty()) pep::append_record_field(text, cat(row.algorithm, "=", row.digest_base64url));
    text.push_back(',');
    if (row.size) append(text, *row.size);
    text.push_back('\n');
  }
  return text;
}

}  // namespace pkg::test
