#include "base/own_text.h"

#include <system_error>

#include "base/text.h"

namespace pkg {
namespace {

// The digits after "NAME:".
std::string_view line_in(std::string_view text, const std::string& name) {
  const auto at = text.find(cat(name, ':'));
  if (at == std::string_view::npos) return {};
  const auto digits = text.substr(at + name.size() + 1);
  return digits.substr(0, digits.find_first_not_of("0123456789"));
}

std::string line_of(const Error& error, const std::string& name) {
  if (const auto line = line_in(error.message, name); !line.empty()) return std::string(line);
  for (const auto& context : error.context) {
    if (const auto line = line_in(context, name); !line.empty()) return std::string(line);
  }
  return {};
}

}  // namespace

bool is_own_file(const std::filesystem::path& file, const std::filesystem::path& folder) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(file, failed);
  if (failed) return false;
  const auto real_folder = std::filesystem::canonical(folder.empty() ? "." : folder, failed);
  if (failed) return false;
  const auto inside = real.lexically_relative(real_folder);
  return !inside.empty() && *inside.begin() != "..";
}

Error without_text(const Error& error, const std::string& name) {
  const auto line = line_of(error, name);
  return make_error(error.kind, cat(quote(name), line.empty() ? "" : cat(", line ", line), " is not what it should be"),
                    "the file lies outside of the project: pkg does not show what it says");
}

}  // namespace pkg
