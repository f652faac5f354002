#include "ops/tools/tool_places.h"

#include <string_view>

#include "base/text.h"
#include "base/user_programs.h"

namespace pkg::ops {
namespace {

Result<std::filesystem::path> home_of_tools(const Getenv& environment) {
  const char* named = environment("PKG_TOOL_DIR");
  if (named != nullptr && *named != '\0') {
    if (*named == '/') return std::filesystem::path(named).lexically_normal();
    return make_error(ErrorKind::usage,
                      cat("the variable `PKG_TOOL_DIR` is ", quote(named), ", expected a path from /"));
  }
  const auto data = user_data_folder(environment);
  if (!data.empty()) return data / "pkg/tools";
  return make_error(ErrorKind::not_found, "there is no folder for tools: HOME is not set",
                    "set PKG_TOOL_DIR to a folder");
}

std::filesystem::path without_slash(std::filesystem::path folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

}  // namespace

Result<ToolPlaces> tool_places(const Getenv& environment) {
  PKG_TRY_ASSIGN(auto home, home_of_tools(environment));
  PKG_TRY_ASSIGN(auto programs, user_programs::folder(environment));
  return ToolPlaces{without_slash(std::move(home)), without_slash(programs.lexically_normal())};
}

}  // namespace pkg::ops
