// Requirements files: any bytes give lines or an error; a plain requirement line, written out, is read as the same
// line.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "pep/requirements_txt.h"
#include "pep/white_space.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pkg::pep::RequirementLine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto no_variables = [](std::string_view) { return std::optional<std::string>(); };
  const auto lines = pkg::pep::parse_requirements_txt(text, "r.txt", no_variables);
  if (!lines) return 0;
  for (const RequirementLine& line : *lines) {
    PKG_CHECK(line.origin.line >= 1);
    if (line.kind != RequirementLine::Kind::requirement || line.value.ends_with('\\')) continue;
    if (line.value != pkg::pep::strip_spaces(line.value)) continue;  // before options it keeps what stands around it
    const auto again = pkg::pep::parse_requirements_txt("\xef\xbb\xbf" + line.value, "r.txt", no_variables);
    PKG_CHECK(again.ok() && again->size() == 1 && again->front().value == line.value);
  }
  return 0;
}
