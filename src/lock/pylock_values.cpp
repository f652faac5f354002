#include "lock/pylock_values.h"

#include <algorithm>
#include <limits>

#include "base/time.h"
#include "base/toml.h"
#include "lock/locked_name.h"

namespace pkg::lock {

void append_text(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F && c != '"' && c != '\\';
  });
  if (plain)
    append(out, '"', text, '"');
  else
    out += toml::quote_string(text);
}

// Markers have no escapes, and quote a text by ' only when it holds a ": without a ' in it, all " are delimiters and
// may change.
void append_marker(std::string& out, const pep::Marker& marker) {
  std::string text = marker.to_string();
  if (text.find('\'') == std::string::npos) std::replace(text.begin(), text.end(), '"', '\'');
  append_text(out, text);
}

void append_names(std::string& out, const std::vector<pep::Name>& names) {
  append_list(out, names, [&](const pep::Name& name) { append_text(out, name.str()); });
}

namespace {

void add_size_and_hashes(Inline& table, const LockedFile& file) {
  if (file.size_bytes && *file.size_bytes <= std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    append(table.key("size"), *file.size_bytes);
  Inline hashes(table.key("hashes"));
  for (const auto& [algorithm, hex] : file.hashes) append_text(hashes.key(toml::quote_key(algorithm)), hex);
  hashes.end();
}

// The name is left out where url or path end with it, letter by letter; not where a reader would have to decode it.
bool shows_name(const LockedFile& file) {
  if (file.url.empty()) return file.path.empty() || last_of_path(file.path) == file.name;
  return file.url.size() > file.name.size() && file.url.ends_with(file.name) &&
         file.url[file.url.size() - file.name.size() - 1] == '/' && file.name.find('%') == std::string::npos &&
         file.url.find_first_of("?#") == std::string::npos;
}

}  // namespace

void append_file(std::string& out, const LockedFile& file) {
  Inline table(out);
  if (!shows_name(file)) table.text("name", file.name);
  if (file.upload_time) table.key("upload-time") += time::to_rfc3339(*file.upload_time);
  table.text("url", file.url);
  table.text("path", file.url.empty() && file.path.empty() ? file.name : file.path);
  add_size_and_hashes(table, file);
  table.end();
}

void append_vcs(std::string& out, const LockedVcs& vcs) {
  Inline table(out);
  append_text(table.key("type"), vcs.type);
  table.text("url", vcs.url);
  table.text("path", vcs.path);
  table.text("requested-revision", vcs.requested_revision);
  append_text(table.key("commit-id"), vcs.commit_id);
  table.text("subdirectory", vcs.subdirectory);
  table.end();
}

void append_directory(std::string& out, const LockedDirectory& directory) {
  Inline table(out);
  append_text(table.key("path"), directory.path);
  if (directory.editable) table.key("editable") += "true";
  table.text("subdirectory", directory.subdirectory);
  table.end();
}

void append_archive(std::string& out, const LockedArchive& archive) {
  Inline table(out);
  table.text("url", archive.file.url);
  table.text("path", archive.file.path);
  if (archive.file.upload_time) table.key("upload-time") += time::to_rfc3339(*archive.file.upload_time);
  add_size_and_hashes(table, archive.file);
  table.text("subdirectory", archive.subdirectory);
  table.end();
}

void append_dependency(std::string& out, const LockedDependency& dependency) {
  Inline table(out);
  table.text("name", dependency.name.str());
  if (dependency.version) table.text("version", dependency.version->to_string());
  if (!dependency.extras.empty()) append_names(table.key("extras"), dependency.extras);
  if (!dependency.marker.is_trivial()) append_marker(table.key("marker"), dependency.marker);
  table.end();
}

}  // namespace pkg::lock
