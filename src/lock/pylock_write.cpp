// pylock.toml, written: one string, the keys in the order of the standard, [tool.pkg] last with the digest of all
// before it as last line.

#include <algorithm>

#include "base/text.h"
#include "base/toml.h"
#include "lock/pylock.h"
#include "lock/pylock_builds.h"
#include "lock/pylock_digest.h"
#include "lock/pylock_values.h"

namespace pkg::lock {
namespace {

bool is_plain(const LockedDependency& dependency) {
  return dependency.marker.is_trivial() && dependency.extras.empty();
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
  if (!tool.group_pythons.empty()) {
    out += "group-requires-python = ";
    Inline table(out);
    for (const auto& [group, pythons] : tool.group_pythons)
      append_text(table.key(toml::quote_key(group.str())), pythons.to_string());
    table.end();
    out += '\n';
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
  append_builds(out, tool);
}

std::size_t guess_size(const LockFile& lock) {
  std::size_t files = 0;
  for (const auto& package : lock.packages) files += package.wheels.size() + 1;
  for (const auto& package : lock.tool.build_packages) files += package.wheels.size() + 2;
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
