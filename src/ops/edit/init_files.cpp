#include "ops/edit/init_files.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/toml.h"
#include "pep/name.h"

namespace pkg::ops {
namespace {

constexpr auto kBackends = std::to_array<InitBackend>({{"hatchling", "hatchling", "hatchling.build"},
                                                       {"setuptools", "setuptools>=61", "setuptools.build_meta"},
                                                       {"flit-core", "flit_core>=3.4,<4", "flit_core.buildapi"},
                                                       {"pdm-backend", "pdm-backend", "pdm.backend"}});

}  // namespace

std::vector<std::string> build_backends() {
  std::vector<std::string> names;
  for (const auto& backend : kBackends) names.emplace_back(backend.name);
  return names;
}

bool is_packaged(const InitOptions& options) {
  return options.library || options.package || !options.build_backend.empty();
}

Result<const InitBackend*> init_backend(const InitOptions& options) {
  if (!is_packaged(options)) return nullptr;
  const auto wanted =
      options.build_backend.empty() ? std::string("hatchling") : pep::normalize_name(options.build_backend);
  const auto found = std::ranges::find(kBackends, wanted, &InitBackend::name);
  if (found == kBackends.end()) {
    return make_error(ErrorKind::usage, cat("no build backend ", quote(options.build_backend), " is known"),
                      cat("one of ", join(build_backends(), ", ")));
  }
  return &*found;
}

std::string module_of(std::string_view name) {
  auto module = pep::normalize_name(name);
  std::ranges::replace(module, '-', '_');
  return module;
}

std::string pyproject_text(const InitOptions& options, const InitReport& report, const InitBackend* backend,
                           bool has_readme) {
  auto text = cat("[project]\nname = ", toml::quote_string(report.name),
                  "\nversion = \"0.1.0\"\ndescription = ", toml::quote_string(options.description), "\n");
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

std::string script_toml(const InitReport& report) {
  return cat("requires-python = ", toml::quote_string(report.requires_python), "\ndependencies = []\n");
}

std::string_view gitignore_text() {
  return "# Environments\n.venv/\n\n# What Python writes\n__pycache__/\n*.py[cod]\n\n"
         "# Builds\nbuild/\ndist/\n*.egg-info/\n";
}

}  // namespace pkg::ops
