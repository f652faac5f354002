#include "pep/wheel_info.h"

#include "base/text.h"
#include "pep/header_fields.h"

namespace pkg::pep {
namespace {

// "1.0": two numbers. Later numbers would be a format we do not know.
Status read_version(std::string_view text, WheelInfo& info) {
  const auto parts = split(trim(text), '.');
  const auto major = parse_u64(parts[0]);
  const auto minor = parts.size() == 2 ? parse_u64(parts[1]) : std::nullopt;
  constexpr std::uint64_t kLargest = 1'000'000;
  if (!major || !minor || *major > kLargest || *minor > kLargest)
    return make_error(ErrorKind::bad_data, cat("the Wheel-Version ", quote(text), " is malformed, expected `1.0`"));
  info.major = static_cast<int>(*major);
  info.minor = static_cast<int>(*minor);
  return ok_status();
}

}  // namespace

Result<WheelInfo> WheelInfo::parse(std::string_view text) {
  WheelInfo info;
  info.root_is_purelib = false;
  bool has_version = false;
  HeaderReader reader(text);
  while (const auto field = reader.next()) {
    if (equals_ignoring_case(field->key, "Wheel-Version")) {
      if (has_version) return make_error(ErrorKind::bad_data, "the WHEEL file gives its Wheel-Version more than once");
      PKG_TRY(read_version(field->value, info));
      has_version = true;
    } else if (equals_ignoring_case(field->key, "Root-Is-Purelib")) {
      info.root_is_purelib = equals_ignoring_case(trim(field->value), "true");
    } else if (equals_ignoring_case(field->key, "Tag")) {
      info.tags.emplace_back(trim(field->value));
    } else if (equals_ignoring_case(field->key, "Generator")) {
      info.generator = trim(field->value);
    } else if (equals_ignoring_case(field->key, "Build")) {
      info.build = trim(field->value);
    }
  }
  if (!has_version) return make_error(ErrorKind::bad_data, "the WHEEL file has no Wheel-Version");
  if (info.major > 1)
    return make_error(ErrorKind::unsupported, cat("the wheel has format version ", info.major, ".", info.minor,
                                                  ", only 1.x and what was before it are understood"));
  return info;
}

}  // namespace pkg::pep
