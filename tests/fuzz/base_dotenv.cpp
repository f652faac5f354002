// Files with variables: no crash, an end, names that a system takes, values within their limits; and what is written in
// single quotes comes back as it was.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/dotenv.h"

namespace {

const char* surroundings(const char* name) { return std::string_view(name) == "A" ? "${B}" : nullptr; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> variables;
  const bool is_whole = pkg::add_dotenv(text, ".env", surroundings, variables).ok();
  std::size_t bytes = 0;
  std::string again;
  for (const auto& [name, value] : variables) {
    bytes += name.size() + value.size();
    PKG_CHECK(!name.empty() && name.find_first_of("= \n'\"") == std::string::npos);
    PKG_CHECK(value.find('\0') == std::string::npos && name.size() + value.size() < pkg::kLongestVariable);
    if (value.find('\'') == std::string::npos) again += name + "='" + value + "'\n";
  }
  PKG_CHECK(bytes <= pkg::kMostVariableBytes);
  if (!is_whole) return 0;
  std::map<std::string, std::string> reread;
  PKG_CHECK(pkg::add_dotenv(again, ".env", surroundings, reread).ok());
  for (const auto& [name, value] : reread) PKG_CHECK(variables.at(name) == value);
  return 0;
}
