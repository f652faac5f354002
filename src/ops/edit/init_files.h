#pragma once
// The texts that `pkg init` writes, and the build backends that it knows.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ops/edit/init_project.h"

namespace pkg::ops {

struct InitBackend {
  std::string_view name, requirement, module;
};
std::vector<std::string> build_backends();  // their names
// nullptr: none. usage: no such backend is known.
Result<const InitBackend*> init_backend(const InitOptions& options);

bool is_packaged(const InitOptions& options);  // in src/NAME/, and built
std::string module_of(std::string_view name);  // "my-app": "my_app"

std::string pyproject_text(const InitOptions& options, const InitReport& report, const InitBackend* backend,
                           bool has_readme);
std::string main_text(std::string_view name);                                // main.py
std::string module_text(const InitOptions& options, std::string_view name);  // src/NAME/__init__.py
std::string script_toml(const InitReport& report);                           // what its block holds
std::string_view gitignore_text();

}  // namespace pkg::ops
