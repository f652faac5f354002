#include "index/simple/api_version.h"

#include "base/text.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kMajor = 1, kMinor = 4;

}  // namespace

Result<bool> check_api_version(std::string_view text) {
  const auto dot = text.find('.');
  const auto major = parse_u64(text.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? std::optional<std::uint64_t>() : parse_u64(text.substr(dot + 1));
  if (!major || !minor)
    return make_error(ErrorKind::bad_data,
                      cat("the page declares the API version ", quote(text), ", which is not of the form 1.0"));
  if (*major != kMajor)
    return make_error(ErrorKind::unsupported, cat("the page declares the API version ", quote(text),
                                                  ", and this program knows version ", kMajor, " only"));
  return *minor > kMinor;
}

}  // namespace pkg::index
