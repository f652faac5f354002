#pragma once
// Values of pylock.toml as text: strings, lists, and the inline tables of files and sources.

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "lock/lock_file.h"
#include "pep/marker.h"
#include "pep/name.h"

namespace pkg::lock {

void append_text(std::string& out, std::string_view text);
void append_marker(std::string& out, const pep::Marker& marker);
void append_names(std::string& out, const std::vector<pep::Name>& names);

// "[a, b]"
template <class Items, class Append>
void append_list(std::string& out, const Items& items, Append append_item) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ", ";
    first = false;
    append_item(item);
  }
  out += ']';
}

// A line for each, `indent` deep; without an end of line after the bracket.
template <class Items, class Append>
void append_rows(std::string& out, const Items& items, std::string_view indent, Append append_item) {
  out += "[\n";
  for (const auto& item : items) {
    append(out, indent, "    ");
    append_item(item);
    out += ",\n";
  }
  append(out, indent, ']');
}

template <class Items, class Append>
void append_lines(std::string& out, const Items& items, Append append_item) {
  append_rows(out, items, "", append_item);
  out += '\n';
}

// The members of an inline table.
class Inline {
 public:
  explicit Inline(std::string& out) : out_(out) { out_ += '{'; }
  std::string& key(std::string_view name) {
    append(out_, first_ ? " " : ", ", name, " = ");
    first_ = false;
    return out_;
  }
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) append_text(key(name), value);
  }
  void end() { out_ += " }"; }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_file(std::string& out, const LockedFile& file);
void append_vcs(std::string& out, const LockedVcs& vcs);
void append_directory(std::string& out, const LockedDirectory& directory);
void append_archive(std::string& out, const LockedArchive& archive);
void append_dependency(std::string& out, const LockedDependency& dependency);

}  // namespace pkg::lock
