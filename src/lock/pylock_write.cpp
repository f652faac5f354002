// pylock.toml, written: one string, the keys in the order of the standard, [tool.pkg] last with the digest of all
// before it as last line.

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "base/time.h"
#include "base/toml.h"
#include "lock/locked_name.h"
#include "lock/pylock.h"
#include "lock/pylock_digest.h"

namespace pkg::lock {
namespace {

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

template <class Items, class Append>
void append_lines(std::string& out, const Items& items, Append append_item) {
  out += "[\n";
  for (const auto& item : items) {
    out += "    ";
    append_item(item);
    out += ",\n";
  }
  out += "]\n";
}

void append_names(std::string& out, const std::vector<pep::Name>& names) {
  append_list(out, names, [&](const pep::Name& name) { append_text(out, name.str()); });
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
         file.url.find('?') == std::string::npos;
}

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

bool is_plain(const LockedDependency& dependency) {
  return dependency.marker.is_trivial() && dependency.extras.empty();
}

void append_dependency(std::string& out, const LockedDependency& dependency) {
  Inline table(out);
  table.text("name", dependency.name.str());
  if (dependency.version) table.text("version", dependency.version->to_string());
  if (!dependency.extras.empty()) append_names(table.key("extras"), dependency.extras);
  if (!dependency.marker.is_trivial()) append_marker(table.key("marker"), dependency.marker);
  table.end();
}

// `dependencies` names packages only; what more there is to say goes to packages.tool.pkg. Returns that.
std::vector<const LockedDependency*> append_dependencies(std::string& out,
                                                         const std::vector<LockedDependency>& dependencies) {
  std::vector<const LockedDependency*> told;
  std::vector<LockedDependency> plain;
  for (auto begin = dependencies.begin(); begin != dependencies.end();) {
    const auto end = std::find_if(begin, dependencies.end(),
                                  [&](const LockedDependency& other) { return !same_entry(*begin, other); });
    plain.push_back({begin->name, begin->version, {}, {}});
    if (end - begin > 1 || !is_plain(*begin)) {
      for (auto one = begin; one != end; ++one) told.push_back(&*one);
    }
    begin = end;
  }
  if (plain.empty()) return told;
  out += "dependencies = ";
  append_lines(out, plain, [&](const LockedDependency& dependency) { append_dependency(out, dependency); });
  return told;
}

void append_package_tool(std::string& out, const LockedPackage& package,
                         const std::vector<const LockedDependency*>& told) {
  if (package.extras.empty() && told.empty()) return;
  out += "\n[packages.tool.pkg]\n";
  if (!package.extras.empty()) {
    out += "extras = ";
    append_names(out, package.extras);
    out += '\n';
  }
  if (told.empty()) return;
  out += "dependencies = ";
  append_lines(out, told, [&](const LockedDependency* dependency) { append_dependency(out, *dependency); });
}

void append_package(std::string& out, const LockedPackage& package, bool with_tool) {
  out += "\n[[packages]]\n";
  const auto text = [&](std::string_view key, std::string_view value) {
    append(out, key, " = ");
    append_text(out, value);
    out += '\n';
  };
  const auto table = [&](std::string_view key, const auto& value, auto append_value) {
    if (!value) return;
    append(out, key, " = ");
    append_value(out, *value);
    out += '\n';
  };
  text("name", package.name.str());
  if (package.version) text("version", package.version->to_string());
  if (!package.marker.is_trivial()) {
    out += "marker = ";
    append_marker(out, package.marker);
    out += '\n';
  }
  if (package.requires_python) text("requires-python", package.requires_python->to_string());
  const auto told = append_dependencies(out, package.dependencies);
  table("vcs", package.vcs, append_vcs);
  table("directory", package.directory, append_directory);
  table("archive", package.archive, append_archive);
  if (!package.index.empty()) text("index", package.index);
  table("sdist", package.sdist, append_file);
  if (!package.wheels.empty()) {
    out += "wheels = ";
    append_lines(out, package.wheels, [&](const LockedFile& wheel) { append_file(out, wheel); });
  }
  if (with_tool) append_package_tool(out, package, told);
}

void append_header(std::string& out, const LockFile& lock) {
  out += "lock-version = ";
  append_text(out, lock.lock_version);
  out += '\n';
  if (lock.no_environments) out += "environments = []\n";
  if (!lock.environments.empty()) {
    out += "environments = ";
    append_lines(out, lock.environments, [&](const pep::Marker& marker) { append_marker(out, marker); });
  }
  if (lock.requires_python) {
    out += "requires-python = ";
    append_text(out, lock.requires_python->to_string());
    out += '\n';
  }
  const auto names = [&](std::string_view key, const std::vector<pep::Name>& list) {
    if (list.empty()) return;
    append(out, key, " = ");
    append_names(out, list);
    out += '\n';
  };
  names("extras", lock.extras);
  names("dependency-groups", lock.dependency_groups);
  names("default-groups", lock.default_groups);
  out += "created-by = ";
  append_text(out, lock.created_by);
  out += '\n';
  if (lock.packages.empty()) out += "packages = []\n";
}

// All of the table but its last line.
void append_tool(std::string& out, const LockTool& tool) {
  append(out, "\n[tool.pkg]\nversion = ", tool.version, '\n');
  if (tool.version != kLockToolVersion) return;
  if (!tool.inputs_digest.empty()) {
    out += "inputs-digest = ";
    append_text(out, tool.inputs_digest);
    out += '\n';
  }
  if (tool.mirror_neutral) out += "mirror-neutral = true\n";
  if (!tool.conflicts.empty()) {
    out += "conflicts = ";
    append_lines(out, tool.conflicts, [&](const std::vector<resolver::ConflictItem>& set) {
      append_list(out, set, [&](const resolver::ConflictItem& item) {
        Inline table(out);
        table.text(item.is_group ? "group" : "extra", item.name.str());
        table.end();
      });
    });
  }
  if (!tool.options.empty()) {
    out += "options = ";
    Inline table(out);
    for (const auto& [key, value] : tool.options) append_text(table.key(toml::quote_key(key)), value);
    table.end();
    out += '\n';
  }
  if (!tool.requirements.empty()) {
    out += "requirements = ";
    append_lines(out, tool.requirements, [&](const std::string& requirement) { append_text(out, requirement); });
  }
}

std::size_t guess_size(const LockFile& lock) {
  std::size_t files = 0;
  for (const auto& package : lock.packages) files += package.wheels.size() + 1;
  return 1024 + files * 400 + lock.packages.size() * 400;
}

}  // namespace

std::string write_pylock(const LockFile& lock) {
  std::string out;
  out.reserve(guess_size(lock));
  append_header(out, lock);
  for (const auto& package : lock.packages) append_package(out, package, lock.tool.version == kLockToolVersion);
  if (lock.tool.version == 0) return out;
  append_tool(out, lock.tool);
  append_digest_line(out);
  return out;
}

}  // namespace pkg::lock
