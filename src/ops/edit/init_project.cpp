#include "ops/edit/init_project.h"

#include <algorithm>
#include <array>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/toml.h"
#include "ops/environment/environment_interpreter.h"
#include "pep/name.h"
#include "pep/version.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

struct Backend {
  std::string_view name, requirement, module;
};
constexpr auto kBackends = std::to_array<Backend>({{"hatchling", "hatchling", "hatchling.build"},
                                                   {"setuptools", "setuptools>=61", "setuptools.build_meta"},
                                                   {"flit-core", "flit_core>=3.4,<4", "flit_core.buildapi"},
                                                   {"pdm-backend", "pdm-backend", "pdm.backend"}});

Result<const Backend*> backend_of(const InitOptions& options) {
  if (options.build_backend.empty() && !options.library) return nullptr;
  const auto wanted =
      options.build_backend.empty() ? std::string("hatchling") : pep::normalize_name(options.build_backend);
  const auto found = std::ranges::find(kBackends, wanted, &Backend::name);
  if (found == kBackends.end()) {
    return make_error(ErrorKind::usage, cat("no build backend ", quote(options.build_backend), " is known"),
                      cat("one of ", join(build_backends(), ", ")));
  }
  return &*found;
}

Result<std::string> name_of(const InitOptions& options, const stdfs::path& folder) {
  auto name = options.name;
  if (name.empty()) {
    name = folder.filename().string();
    std::ranges::replace(name, ' ', '-');
  }
  if (!pep::is_valid_name(name)) {
    return make_error(ErrorKind::usage, cat(quote(name), " is no name for a project"),
                      "give one with --name: letters, digits, and `-`, `_`, `.` inside");
  }
  return name;
}

// "3.12" needs no interpreter; everything else asks one.
Result<std::string> requires_python_of(const InitOptions& options, Session& session) {
  const auto version = pep::Version::try_parse(options.python);
  if (version && version->release_size() >= 2) return cat(">=", options.python);
  PKG_TRY_ASSIGN(const auto interpreter, venv::find_interpreter(options.python, session.cache_dir(), no_leave()));
  return cat(">=", interpreter.target.environment.python_version);
}

bool is_packaged(const InitOptions& options) { return options.library || !options.build_backend.empty(); }

std::string module_of(std::string_view name) {
  auto module = pep::normalize_name(name);
  std::ranges::replace(module, '-', '_');
  return module;
}

std::string pyproject_text(const InitOptions& options, const InitReport& report, const Backend* backend,
                           bool has_readme) {
  auto text = cat("[project]\nname = ", toml::quote_string(report.name), "\nversion = \"0.1.0\"\ndescription = \"\"\n");
  if (has_readme) text += "readme = \"README.md\"\n";
  append(text, "requires-python = ", toml::quote_string(report.requires_python), "\ndependencies = []\n");
  if (backend == nullptr) return text;
  if (!options.library && !options.bare) {
    append(text, "\n[project.scripts]\n", toml::quote_key(report.name), " = \"", module_of(report.name), ":main\"\n");
  }
  append(text, "\n[build-system]\nrequires = [\"", backend->requirement, "\"]\nbuild-backend = \"", backend->module,
         "\"\n");
  return text;
}

std::string main_text(std::string_view name) {
  return cat("def main():\n    print(\"Hello from ", name, "!\")\n\n\nif __name__ == \"__main__\":\n    main()\n");
}

std::string module_text(const InitOptions& options, std::string_view name) {
  if (options.library) return cat("def hello() -> str:\n    return \"Hello from ", name, "!\"\n");
  return cat("def main() -> None:\n    print(\"Hello from ", name, "!\")\n");
}

// Files of others stay as they are.
Status write_new(const stdfs::path& relative, std::string_view content, InitReport& report) {
  const auto path = report.folder / relative;
  if (fs::exists(path)) {
    report.kept.push_back(relative.string());
    return ok_status();
  }
  PKG_TRY(fs::make_dirs(path.parent_path()));
  PKG_TRY(fs::publish(path, content));
  report.written.push_back(relative.string());
  return ok_status();
}

Status write_sources(const InitOptions& options, InitReport& report) {
  if (!is_packaged(options)) return write_new("main.py", main_text(report.name), report);
  const auto folder = stdfs::path("src") / module_of(report.name);
  PKG_TRY(write_new(folder / "__init__.py", module_text(options, report.name), report));
  return options.library ? write_new(folder / "py.typed", "", report) : ok_status();
}

// What a pyproject.toml holds that has other tables alone: [project] is added in front of them. nullopt: there is no
// such file. conflict: it has one of the tables that are to be written.
Result<std::optional<std::string>> text_without_project(const stdfs::path& path) {
  if (!fs::exists(path)) return std::optional<std::string>();
  PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(path, limits::kText));
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, path.string()));
  for (const std::string_view table : {"project", "build-system"}) {
    if (const auto* found = root.get(table))
      return make_error(ErrorKind::conflict,
                        cat(quote(path.string()), " is there already, with [", table, "] in line ", found->line),
                        table == "project" ? "add to it with `pkg add`" : "write the [project] table by hand");
  }
  const bool has_top_keys = std::ranges::any_of(
      *root.as_table(), [](const toml::TableEntry& entry) { return entry.second.as_table() == nullptr; });
  if (has_top_keys)
    return make_error(ErrorKind::conflict, cat(quote(path.string()), " has keys outside of any table"),
                      "write the [project] table by hand");
  return std::optional(std::move(text));
}

}  // namespace

std::vector<std::string> build_backends() {
  std::vector<std::string> names;
  for (const auto& backend : kBackends) names.emplace_back(backend.name);
  return names;
}

Result<InitReport> init_project(const InitOptions& options, Session& session) {
  InitReport report;
  const auto folder = (session.working_folder() / options.folder / "").lexically_normal();
  report.folder = folder.parent_path();
  PKG_TRY_ASSIGN(const auto present, text_without_project(report.folder / "pyproject.toml"));
  PKG_TRY_ASSIGN(report.name, name_of(options, report.folder));
  PKG_TRY_ASSIGN(const auto* backend, backend_of(options));
  PKG_TRY_ASSIGN(report.requires_python, requires_python_of(options, session));
  PKG_TRY(fs::make_dirs(report.folder));
  const bool only_manifest = options.bare || present;
  if (!only_manifest) PKG_TRY(write_sources(options, report));
  if (!only_manifest) PKG_TRY(write_new("README.md", cat("# ", report.name, "\n"), report));
  const bool has_readme = fs::exists(report.folder / "README.md");
  const auto text = pyproject_text(options, report, backend, has_readme);
  if (present) {
    PKG_TRY(fs::publish(report.folder / "pyproject.toml", cat(text, "\n", *present)));
    report.written.push_back("pyproject.toml");
  } else {
    PKG_TRY(write_new("pyproject.toml", text, report));
  }
  std::ranges::sort(report.written);
  return report;
}

}  // namespace pkg::ops
