// The file of logins: any bytes are logins or an error; one that is kept is found again, and another one's is not lost.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/check.h"
#include "base/fs.h"
#include "index/http/login_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  static const auto folder = fs::TempDir::create(std::filesystem::temp_directory_path(), "pkg-fuzz-").value().release();
  static const auto file = folder / "credentials.json";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  PKG_CHECK(fs::publish(file, text, fs::Durability::untorn, 0600).ok());
  const auto before = index::read_logins(file);
  const index::Login added{"https://h:443", "user", "word", false};
  PKG_CHECK(index::keep_login(file, added).ok() == before.ok());
  if (!before.ok()) return 0;
  const auto after = index::read_logins(file).value();
  PKG_CHECK(std::ranges::count(after, added) == 1);
  PKG_CHECK(after.size() <= before->size() + 1);
  PKG_CHECK(index::forget_login(file, added.origin).ok());
  return 0;
}
