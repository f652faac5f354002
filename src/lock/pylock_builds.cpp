#include "lock/pylock_builds.h"

#include <map>
#include <utility>

#include "base/text.h"
#include "lock/pylock_tool.h"
#include "lock/pylock_values.h"

namespace pkg::lock {
namespace {

// ---- reading

constexpr std::string_view kScope = "lock-build-dependencies";

Status read_scope(const Fields& tool, BuildScope& out) {
  if (!tool.has(kScope)) return ok_status();
  if (tool.is_flag(kScope)) return tool.flag(kScope, out.all);
  return tool.names(kScope, out.names);
}

Status read_name_and_version(const Fields& fields, pep::Name& name, std::optional<pep::Version>& version) {
  std::string text;
  PKG_TRY(fields.required_text("name", text));
  auto parsed = pep::Name::parse(text);
  if (!parsed) return fields.in("name", std::move(parsed).error());
  name = std::move(parsed).value();
  if (!fields.has("version")) return ok_status();
  PKG_TRY(fields.text("version", text));
  auto number = pep::Version::parse(text);
  if (!number) return fields.in("version", std::move(number).error());
  version = std::move(number).value();
  return ok_status();
}

Status read_source(const Fields& build, BuildSource& out) {
  PKG_TRY(build.text("hash", out.hash));
  PKG_TRY(build.text("vcs", out.vcs));
  PKG_TRY(build.text("directory", out.directory));
  PKG_TRY(build.text("subdirectory", out.subdirectory));
  if (int{out.hash.empty()} + int{out.vcs.empty()} + int{out.directory.empty()} != 2)
    return build.wrong_table("needs one of `hash`, `vcs` and `directory`");
  return ok_status();
}

// The entries of build-packages, by what an environment may call them.
class PackageNames {
 public:
  explicit PackageNames(const std::vector<LockedPackage>& packages) {
    for (const auto& package : packages) {
      ++count_[{package.name, std::nullopt}];
      if (package.version) ++count_[{package.name, package.version}];
    }
  }
  std::size_t count(const pep::Name& name, const std::optional<pep::Version>& version) const {
    const auto found = count_.find({name, version});
    return found == count_.end() ? 0 : found->second;
  }

 private:
  std::map<std::pair<pep::Name, std::optional<pep::Version>>, std::size_t> count_;
};

Status read_environment(const Fields& build, const PackageNames& packages, std::vector<LockedDependency>& out) {
  PKG_TRY_ASSIGN(const auto* items, build.tables("environment"));
  if (items == nullptr) return ok_status();
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields entry((*items)[i], Place{&build.place(), "environment", static_cast<int>(i)}, build.file_name());
    auto& one = out.emplace_back();
    PKG_TRY(read_name_and_version(entry, one.name, one.version));
    PKG_TRY(entry.marker("marker", one.marker));
    PKG_TRY(entry.names("extras", one.extras));
    const auto count = packages.count(one.name, one.version);
    if (count != 1)
      return entry.wrong_table(count == 0 ? "is none of `build-packages`" : "is more than one of `build-packages`");
  }
  return ok_status();
}

Result<LockedBuild> read_build(const Fields& fields, const PackageNames& packages) {
  LockedBuild build;
  PKG_TRY(read_name_and_version(fields, build.name, build.version));
  PKG_TRY(read_source(fields, build.source));
  PKG_TRY(fields.marker("marker", build.marker));
  PKG_TRY(fields.texts("requires", build.requires_));
  PKG_TRY(read_environment(fields, packages, build.environment));
  return build;
}

Status read_build_packages(const Fields& tool, ReadPackage read_package, LockTool& out) {
  PKG_TRY_ASSIGN(const auto* items, tool.tables("build-packages"));
  if (items == nullptr) return ok_status();
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields fields((*items)[i], Place{&tool.place(), "build-packages", static_cast<int>(i)}, tool.file_name());
    PKG_TRY_ASSIGN(auto package, read_package(fields, false));
    if (out.mirror_neutral) forget_stand_ins(package);
    package.marker = {};  // environments say where, and what asks for it
    package.dependencies.clear();
    out.build_packages.push_back(std::move(package));
  }
  return ok_status();
}

// ---- writing

void append_identity(Inline& table, const pep::Name& name, const std::optional<pep::Version>& version) {
  table.text("name", name.str());
  if (version) table.text("version", version->to_string());
}

void append_build(std::string& out, const LockedBuild& build) {
  Inline table(out);
  append_identity(table, build.name, build.version);
  table.text("hash", build.source.hash);
  table.text("vcs", build.source.vcs);
  table.text("directory", build.source.directory);
  table.text("subdirectory", build.source.subdirectory);
  if (!build.marker.is_trivial()) append_marker(table.key("marker"), build.marker);
  if (!build.requires_.empty())
    append_list(table.key("requires"), build.requires_, [&](const std::string& one) { append_text(out, one); });
  if (!build.environment.empty())
    append_rows(table.key("environment"), build.environment, "    ",
                [&](const LockedDependency& one) { append_dependency(out, one); });
  table.end();
}

void append_build_package(std::string& out, const LockedPackage& package) {
  Inline table(out);
  append_identity(table, package.name, package.version);
  // Empty accepts every Python, and is not the same as none.
  if (package.requires_python) append_text(table.key("requires-python"), package.requires_python->to_string());
  if (package.vcs) append_vcs(table.key("vcs"), *package.vcs);
  if (package.directory) append_directory(table.key("directory"), *package.directory);
  if (package.archive) append_archive(table.key("archive"), *package.archive);
  table.text("index", package.index);
  if (package.sdist) append_file(table.key("sdist"), *package.sdist);
  if (!package.wheels.empty())
    append_rows(table.key("wheels"), package.wheels, "    ", [&](const LockedFile& wheel) { append_file(out, wheel); });
  table.end();
}

}  // namespace

Status read_builds(const Fields& tool, ReadPackage read_package, LockTool& out) {
  PKG_TRY(read_scope(tool, out.build_scope));
  PKG_TRY(read_build_packages(tool, read_package, out));
  PKG_TRY_ASSIGN(const auto* items, tool.tables("builds"));
  if (items == nullptr) return ok_status();
  const PackageNames packages(out.build_packages);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields fields((*items)[i], Place{&tool.place(), "builds", static_cast<int>(i)}, tool.file_name());
    PKG_TRY_ASSIGN(auto build, read_build(fields, packages));
    out.builds.push_back(std::move(build));
  }
  return ok_status();
}

void append_builds(std::string& out, const LockTool& tool) {
  const auto& scope = tool.build_scope;
  if (scope.all) append(out, kScope, " = true\n");
  if (!scope.all && !scope.names.empty()) {
    append(out, kScope, " = ");
    append_names(out, scope.names);
    out += '\n';
  }
  if (!tool.builds.empty()) {
    out += "builds = ";
    append_lines(out, tool.builds, [&](const LockedBuild& build) { append_build(out, build); });
  }
  if (!tool.build_packages.empty()) {
    out += "build-packages = ";
    append_lines(out, tool.build_packages, [&](const LockedPackage& package) { append_build_package(out, package); });
  }
}

}  // namespace pkg::lock
