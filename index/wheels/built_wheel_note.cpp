#include "index/wheels/built_wheel_note.h"

#include "base/hex.h"
#include "base/text.h"
#include "pep/filename.h"

namespace pkg::index {
namespace {

constexpr std::string_view kMagic = "pkgbuilt1";

Error no_note() { return make_error(ErrorKind::bad_data, "the note of a built wheel is none"); }

}  // namespace

std::string BuiltWheelNote::text() const {
  return cat(kMagic, '\n', sha256_hex, '\n', size_bytes, '\n', file_name, '\n');
}

Result<BuiltWheelNote> parse_built_wheel_note(std::string_view text) {
  if (text.size() > kLongestBuiltWheelNote) return no_note();
  const auto lines = split_lines(text);
  if (lines.size() != 4 || lines[0] != kMagic || !hex::is_lower(lines[1], 64)) return no_note();
  const auto size = parse_u64(lines[2]);
  const bool is_plain = lines[3].find('/') == std::string_view::npos;
  if (!size || !is_plain || !pep::WheelName::parse(lines[3])) return no_note();
  return BuiltWheelNote{std::string(lines[1]), std::string(lines[3]), *size};
}

}  // namespace pkg::index
